"""The Oxigraph store of an output folder: loaded and asked in child processes, which can be stopped at once.

The engine ignores signals while it works, so it works in a process of its own: Ctrl-C and the time limit end that process.
What it answers goes to a temporary file as it comes, so that a large answer needs no memory here; nor does a load.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from kg.answers import Answer, one_line
from kg.children import last_words, start
from kg.errors import KGError, OutputError, QueryError, SchemaError
from kg.namespaces import PREFIXES
from kg.output import ASIDE
from kg.queries import chooses_graphs, require_question, unknown_prefix

if TYPE_CHECKING:
    import pyoxigraph

_POSITION = re.compile(r"error at (?P<line>\d+):(?P<column>\d+): ?(?P<rest>.*)", re.DOTALL)


def ask_store(folder: Path, query: str, *, timeout_s: float = 60.0, progress: Callable[[str, int, int | None], None] | None = None) -> Answer:
    """Ask the graph of an output folder any SPARQL 1.1 query, in a process of its own.

    The default graph is the union of all graphs, unless the query chooses with FROM. IRIs may be written without the base
    (``<author/yutao-sun>``), and the prefixes of `PREFIXES` are known. If the folder has no store yet, it is loaded first,
    which does not count as part of the limit.

    Args:
        timeout_s: how long the query may take, in seconds.
        progress: called with "store", bytes read and bytes in all while a store is loaded.

    Raises:
        QueryError: the query is not SPARQL, is an update, failed, or took too long.
        SchemaError: the folder holds no graph, or its store cannot be opened.
        OutputError: there is no room, or no right, for the store or the answer.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "kg.nq").write_text('<http://a/s> <http://a/p> "o" <http://a/g> .' + chr(10))
    ...     list(ask_store(Path(folder), "SELECT ?o { ?s ?p ?o }"))
    [{'o': 'o'}]
    """
    require_question(query)
    store = ensure_store(folder, progress=progress)
    answer = tempfile.TemporaryFile()  # noqa: SIM115 - the Answer closes it
    try:
        report = _ask_child({"task": "query", "store": str(store), "query": query, "timeout_s": timeout_s}, answer, timeout_s=timeout_s)
        return Answer(answer, form=report["form"], variables=tuple(report["variables"]), base=report["base"])
    except BaseException:
        answer.close()
        raise


def ensure_store(folder: Path, *, progress: Callable[[str, int, int | None], None] | None = None) -> Path:
    """The Oxigraph store of an output folder; it is loaded from ``kg.nq``, aside, if it is not there yet.

    Some 100,000 quads a second. Oxigraph keeps numbers by value, so that the types derived from xsd:integer (nif:beginIndex is
    an xsd:nonNegativeInteger) come back as xsd:integer.

    Raises:
        SchemaError: there is no graph in the folder, or ``kg.nq`` is no N-Quads.
        OutputError: the store cannot be written.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "kg.nq").write_text('<http://a/s> <http://a/p> "o" <http://a/g> .' + chr(10))
    ...     ensure_store(Path(folder)).name
    'store'
    """
    store = folder / "store"
    if store.is_dir():
        return store
    if store.exists():
        raise SchemaError(f"{store}: is a file, not a store; remove it, and the store is loaded again from kg.nq")
    nquads = folder / "kg.nq"
    if not nquads.is_file():
        raise SchemaError(f"{folder}: no graph here (neither store nor kg.nq); build one with: kg build -o {folder}")
    total = nquads.stat().st_size
    with _held_aside(folder) as aside:
        with tempfile.TemporaryFile() as steps:
            task = {"task": "load", "nquads": str(nquads), "store": str(aside / "store")}
            _ask_child(task, steps, progress=progress, total=total, failure=OutputError)
        try:
            (aside / "store").rename(store)
        except OSError:
            if not store.is_dir():  # else another process was faster, and its store is as good
                raise
    return store


@contextmanager
def _held_aside(folder: Path) -> Iterator[Path]:
    """A folder to load a store in, locked while this process lives; those that nobody holds any more are removed."""
    try:
        for litter in sorted(folder.glob(f".store.*{ASIDE}")):
            if (handle := _hold(litter)) is not None:
                shutil.rmtree(litter, ignore_errors=True)
                os.close(handle)
        handle = None
        while handle is None:  # another process may take it for litter before we hold it
            aside = Path(tempfile.mkdtemp(prefix=".store.", suffix=ASIDE, dir=folder))
            handle = _hold(aside)
    except OSError as error:
        raise OutputError(f"{folder}: the store cannot be written: {error.strerror}; make room, or change the folder's permissions") from error
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(handle)


def _hold(folder: Path) -> int | None:
    """A lock on a folder, to be closed; None where another process has it, or the folder is gone."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    if not folder.exists():
        os.close(handle)
        return None
    return handle


_CHILD = "from kg.store import _child; _child()"
_EXIT_GRACE_S = 1.0


def _ask_child(
    task: dict[str, Any],
    output: IO[bytes],
    *,
    timeout_s: float | None = None,
    progress: Callable[[str, int, int | None], None] | None = None,
    total: int = 0,
    failure: type[KGError] = QueryError,
) -> dict[str, Any]:
    """Have a new interpreter do a task; its report, or ``failure`` where it died. It inherits nothing but the path of modules."""
    with tempfile.TemporaryFile() as reported:
        child = start(_CHILD, stdin=subprocess.PIPE, stdout=output, stderr=reported)
        try:
            assert child.stdin is not None
            with suppress(BrokenPipeError), child.stdin:  # a child that has died at once is reported below
                child.stdin.write(json.dumps(task).encode("utf-8"))
            _wait(child, output, timeout_s, progress, total)
        finally:
            # On Ctrl-C, too: the engine would go on to its end.
            if child.poll() is None:
                child.kill()
                child.wait()
        reported.seek(0)
        said = reported.read()
    return _reported(child.returncode, said, failure)


def _wait(
    child: subprocess.Popen[bytes], output: IO[bytes], timeout_s: float | None, progress: Callable[[str, int, int | None], None] | None, total: int
) -> None:
    if progress is None:
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise QueryError(f"stopped after {timeout_s:g} s; ask for less (a LIMIT, a narrower pattern), or allow more with --timeout-s") from None
        return
    # A loading child writes eight bytes, the number of bytes that it has read, at the beginning of its output.
    while child.poll() is None:
        time.sleep(0.1)
        step = os.pread(output.fileno(), 8, 0)
        progress("store", min(int.from_bytes(step, "big"), total), total)
    if child.returncode == 0:
        progress("store", total, total)


def _reported(code: int, said: bytes, failure: type[KGError]) -> dict[str, Any]:
    if code == 0 and said:
        report: dict[str, Any] = json.loads(said.splitlines()[-1])
        if "error" not in report:
            return report
        errors: dict[str, type[KGError]] = {"query": QueryError, "schema": SchemaError, "output": OutputError}
        raise errors[report["kind"]](report["error"])
    hint = "ask for less" if failure is QueryError else "make room for it (a build can go without: --no-store)"
    raise failure(f"the engine {last_words(code, said)}{f'; if memory ran out, {hint}' if code < 0 else ''}")


def _child() -> None:
    """The child's side: one task from stdin, its output to stdout, a report to stderr."""
    task = json.load(sys.stdin)
    if "timeout_s" in task:
        # Should the parent be killed, the system still ends this process: a signal without a handler needs no help of the engine.
        signal.setitimer(signal.ITIMER_REAL, task["timeout_s"] + _EXIT_GRACE_S)
    report = _load_task(task) if task["task"] == "load" else _query_task(task)
    sys.stderr.write("\n" + json.dumps(report))
    sys.stderr.flush()
    sys.stdout.flush()
    _leave()


def _leave() -> NoReturn:
    """End without tidying up: a store of a large graph takes long to close, and nothing is unwritten."""
    os._exit(0)


def _query_task(task: dict[str, Any]) -> dict[str, Any]:
    import pyoxigraph

    try:
        store = pyoxigraph.Store.read_only(task["store"])
        base = _base(store)
    except (OSError, RuntimeError) as error:
        return {
            "kind": "schema",
            "error": f"{task['store']}: the store cannot be opened ({one_line(str(error))}); remove it, and it is loaded again from kg.nq",
        }
    query = task["query"]
    out = sys.stdout.buffer
    try:
        # The engine would put the union in the place of what FROM asks for.
        results = store.query(query, base_iri=base or None, prefixes=PREFIXES, use_default_graph_as_union=not chooses_graphs(query))
        if isinstance(results, pyoxigraph.QuerySolutions):
            variables = [variable.value for variable in results.variables]
            results.serialize(out, pyoxigraph.QueryResultsFormat.JSON)
            return {"form": "select", "variables": variables, "base": base}
        if isinstance(results, pyoxigraph.QueryBoolean):
            results.serialize(out, pyoxigraph.QueryResultsFormat.JSON)
            return {"form": "ask", "variables": [], "base": base}
        results.serialize(out, pyoxigraph.RdfFormat.N_TRIPLES)
        return {"form": "construct", "variables": ["subject", "predicate", "object"], "base": base}
    except SyntaxError as error:
        return {"kind": "query", "error": syntax_message(str(error), query)}
    except OSError as error:
        if error.errno is not None:
            return {"kind": "output", "error": f"the answer cannot be written to {tempfile.gettempdir()}: {error.strerror}; make room there"}
        return {"kind": "query", "error": f"the query failed: {one_line(str(error))}"}
    except (ValueError, RuntimeError) as error:
        return {"kind": "query", "error": f"the query failed: {one_line(str(error))}"}


def _base(store: pyoxigraph.Store) -> str:
    """The base of the graph's IRIs, from its own description; "" where it has none."""
    import pyoxigraph

    spaces = store.quads_for_pattern(None, pyoxigraph.NamedNode(PREFIXES["void"] + "uriSpace"), None)
    return min((quad.object.value for quad in spaces if isinstance(quad.object, pyoxigraph.Literal)), default="")


def syntax_message(message: str, query: str) -> str:
    r"""The parser's complaint in one line, with the line and column to which it had come, but not with each letter that it would have taken.

    >>> syntax_message("error at 2:8: expected one of FILTER, SELECT, ['0' ..= '9'\n| '\\u{00B7}'], [_]", "ASK {")
    'query:2:8: not SPARQL: expected one of FILTER, SELECT'
    >>> syntax_message("error at 1:19: expected one of Prefix not found, ['%']", "ASK { ?s a foo:Bar }").partition("; known: ")[0]
    "query:1:19: unknown prefix 'foo:'"
    """
    found = _POSITION.search(message)
    if found is None:
        return f"query: not SPARQL: {one_line(message)}"
    where = f"query:{found['line']}:{found['column']}"
    prefix = unknown_prefix(query)
    # The engine does not always say that it is the prefix: it may say only what else might stand there.
    if prefix is not None:
        return f"{where}: unknown prefix {one_line(prefix)!r}; known: {', '.join(PREFIXES)}"
    rest = re.sub(r"(, )?\[[^\]]*\]", "", found["rest"])
    return f"{where}: not SPARQL: {one_line(rest)}"


class _Counted(io.RawIOBase):
    """A file that says, as it is read, how far it has been read: in eight bytes at the beginning of another."""

    def __init__(self, path: Path, said_to: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._said_to = said_to
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._file.readinto(buffer) or 0
        self._read += size
        os.pwrite(self._said_to, self._read.to_bytes(8, "big"), 0)
        return size


def _load_task(task: dict[str, Any]) -> dict[str, Any]:
    import pyoxigraph

    try:
        store = pyoxigraph.Store(task["store"])
        store.bulk_load(io.BufferedReader(_Counted(Path(task["nquads"]), sys.stdout.fileno()), 1 << 20), format=pyoxigraph.RdfFormat.N_QUADS)
        store.flush()
    except SyntaxError as error:
        return {"kind": "schema", "error": f"{Path(task['nquads']).name}:{error.lineno}: no N-Quads ({one_line(error.msg)}); build again"}
    except OSError as error:
        return {"kind": "output", "error": f"{Path(task['store']).parent.parent}: the store cannot be written: {one_line(str(error))}"}
    return {}
