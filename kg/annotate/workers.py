"""Batches of texts annotated in this process or in several: new interpreters, each with a pipeline of its own.

They are not forked, because the engine's threads run; and they are no ``multiprocessing`` pool, because its processes run the user's script once
more, and ``kg.build`` stands at its top.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from types import TracebackType
from typing import NamedTuple, Self

from kg.annotate import candidates, external, pipeline
from kg.children import last_words, start
from kg.errors import PipelineError

Batch = Sequence[tuple[str, bool]]
"""Pairs of a text and whether it is a title."""
_AHEAD = 2
"""How many batches a process are annotated before the first of them is asked for."""


class Found(NamedTuple):
    """What was found in a text: candidates as tuples of begin, end, evidence, partner and relation (`kg.records.Candidate`).

    ``other_language`` says that it is in none of the languages whose phrases are known.
    """

    other_language: bool
    spans: list[tuple[int, int, str, str | None, str | None]]


def usable_cores() -> int:
    """How many cores this process may use.

    >>> usable_cores() > 0
    True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def annotated(batches: Iterable[Batch], terms: Sequence[str] = (), *, name: str | None = None, processes: int = 1) -> Generator[list[Found]]:
    """What is found in each batch, in their order. Close the iterator to end its processes early.

    Args:
        batches: they are asked for as they are needed, a few a process ahead.
        terms: what vocabularies say that is a term.
        name: a pipeline of the user's that takes the place of ours.
        processes: how many annotate; one is this process.

    Raises:
        PipelineError: a process died; or the user's pipeline cannot be loaded, fails, or does not give what is needed.

    >>> [[len(found.spans) for found in batch] for batch in annotated([[("a prior", False), ("it", False)]], ["prior"])]
    [[1, 0]]
    """
    return _here(batches, terms, name) if processes == 1 else _in_children(batches, terms, name, processes)


def _here(batches: Iterable[Batch], terms: Sequence[str], name: str | None) -> Generator[list[Found]]:
    nlp = pipeline(terms) if name is None else external.load(name)
    from kg.annotate.phrases import is_other_language

    for batch in batches:
        yield [
            Found(
                # A title is too short to say. With a pipeline of the user's, languages are the user's affair.
                name is None and not is_title and is_other_language(text),
                [(one.begin, one.end, sys.intern(one.evidence), one.partner, one.relation) for one in found],
            )
            for (text, is_title), found in zip(batch, candidates(nlp, batch, name=name), strict=True)
        ]


def _in_children(batches: Iterable[Batch], terms: Sequence[str], name: str | None, processes: int) -> Generator[list[Found]]:
    """A thread a child hands it batches and waits for it, so that none is idle while this process does other things."""
    with ExitStack() as stack:
        idle = SimpleQueue[_Child]()
        try:
            children = [stack.enter_context(_Child(terms, name)) for _ in range(processes)]
        except OSError as error:
            raise PipelineError(f"{processes} processes to find concepts cannot be started: {error.strerror}; use fewer: --jobs 1") from error
        threads = ThreadPoolExecutor(processes)
        stack.callback(threads.shutdown, cancel_futures=True)
        for child in children:
            idle.put(child)
            # However this ends, the children do first, or their threads would wait for them.
            stack.callback(child.kill)
        waiting = deque[Future[list[Found]]]()
        for batch in batches:
            waiting.append(threads.submit(_ask_idle, idle, batch))
            if len(waiting) > _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _ask_idle(idle: SimpleQueue[_Child], batch: Batch) -> list[Found]:
    child = idle.get()
    try:
        return child.ask(batch)
    finally:
        idle.put(child)


class _Child:
    """A process that annotates a batch at a time."""

    def __init__(self, terms: Sequence[str], name: str | None) -> None:
        self._setting: tuple[Sequence[str], str | None] | None = (terms, name)
        with ExitStack() as stack:
            self._said = stack.enter_context(tempfile.TemporaryFile())
            connection, theirs = Pipe()
            self._connection = stack.enter_context(connection)
            with theirs:
                self._process = start(
                    f"from kg.annotate.workers import _serve; _serve({theirs.fileno()})",
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,  # what a user's component prints is for nobody
                    stderr=self._said,
                )
            stack.callback(self.kill)
            self._held = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._held.close()

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()

    def ask(self, batch: Batch) -> list[Found]:
        """What is found in a batch.

        Raises:
            PipelineError: the process died, or the user's pipeline is to blame.
        """
        try:
            if self._setting is not None:
                self._connection.send(self._setting)
                self._setting = None
            self._connection.send(batch)
            answer: list[Found] | PipelineError = self._connection.recv()
        except (EOFError, OSError) as error:
            code = self._process.wait()
            self._said.seek(0)
            hint = "if memory ran out, use fewer" if code < 0 else "to see more, use no other process"
            raise PipelineError(f"a process that finds concepts {last_words(code, self._said.read())}; {hint}: --jobs 1") from error
        if isinstance(answer, PipelineError):
            raise answer
        return answer


def _serve(handle: int) -> None:
    """The child's side: the setting comes first, then batches, until nobody is left to send any."""
    with Connection(handle) as connection:
        terms, name = connection.recv()
        try:
            for found in _here(_received(connection), terms, name):
                connection.send(found)
        except PipelineError as error:
            connection.send(error)


def _received(connection: Connection) -> Iterator[Batch]:
    with suppress(EOFError):
        while True:
            yield connection.recv()
