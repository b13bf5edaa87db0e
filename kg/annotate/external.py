"""A spaCy pipeline of the user's in place of ours: found, loaded, and what it puts into ``doc.spans["concepts"]`` read.

A span's label is its kind (Task, Method, Model, Dataset, Metric, Field) or anything else. Its ``kb_id_`` and ``id_`` are partner and relation
(`kg.records.Candidate`) where both are set: an entity linker sets the one alone, a span ruler the other, for purposes of their own.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import PipelineError, visible
from kg.records import Candidate

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

EVIDENCE = "pipeline"
"""How the evidence of these candidates begins; the span's label follows, in lower case."""
RELATIONS = ("translation", "abbreviation", "expansion")
_MAX_LENGTH = 100_000_000
_SHOWN = 60


def find(name: str) -> Path | None:
    """The folder in which a pipeline was saved; None for one that is an installed package, which comes first, as in spaCy.

    Raises:
        PipelineError: there is neither.

    >>> find("no_such_pipeline")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    kg.errors.PipelineError: --pipeline no_such_pipeline: neither an installed spaCy pipeline nor a folder that one was saved in; install it ...
    """
    if _installed(name) is not None:
        return None
    path = Path(name)
    if name and (path / "config.cfg").is_file():
        return path
    raise _error(
        name,
        "neither an installed spaCy pipeline nor a folder that one was saved in; install it (pip install, or python -m spacy download), "
        "or give the folder",
    )


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except (PackageNotFoundError, ValueError):  # the latter for the empty name
        return None


def add_version(name: str, update: Callable[[bytes], object]) -> None:
    """Tell a digest which pipeline it is: a package's name and version, or the bytes of a folder's files, wherever it stands.

    Raises:
        PipelineError: there is no such pipeline.

    >>> add_version("spacy", lambda part: print(part.partition(b" ")[0]))
    b'package'
    """
    folder = find(name)
    if folder is None:
        update(f"package {name} {_installed(name)}".encode())
        return
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        update(f"\n{path.relative_to(folder).as_posix()} {content}".encode("utf-8", "surrogateescape"))


def load(name: str) -> Language:
    """A pipeline of the user's, for texts of any length.

    Raises:
        PipelineError: there is none of this name, or it cannot be loaded.
    """
    folder = find(name)
    import spacy

    try:
        nlp = spacy.load(name if folder is None else folder)
    except Exception as error:
        # It is other people's code, and can fail with anything.
        raise _error(name, f"cannot be loaded: {_said(error)}") from error
    nlp.max_length = max(nlp.max_length, _MAX_LENGTH)
    return nlp


def candidates(nlp: Language, texts: Sequence[tuple[str, bool]], name: str) -> Iterator[list[Candidate]]:
    """What a pipeline of the user's finds in each text, ordered by place. A title's Doc says that it is one: ``doc.user_data["title"]``.

    Raises:
        PipelineError: it fails, changes a text, sets no group of spans, or a span has an unknown relation.

    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> nlp.add_pipe("span_ruler", config={"spans_key": "concepts"}).add_patterns([{"label": "Dataset", "pattern": "GSM8K"}])
    >>> [(c.surface, c.evidence) for c in next(candidates(nlp, [("We use GSM8K here", False)], "toy"))]
    [('GSM8K', 'pipeline dataset')]
    """
    from kg.annotate.spans import GROUP

    docs = _annotated(nlp, texts, name)
    for text, _ in texts:
        doc = next(docs, None)
        if doc is None or doc.text != text:
            raise _error(name, f"changes the text {_begin(text)}, so that places in it are others; its tokens must add up to the text that comes in")
        if GROUP not in doc.spans:
            components = f"its components: {', '.join(nlp.pipe_names)}" if nlp.pipe_names else "it has no component"
            raise _error(
                name,
                f"sets no doc.spans[{GROUP!r}] for the text {_begin(text)} ({components}); have a component put the concepts there, or "
                "an empty list where there are none",
            )
        found = {candidate for span in doc.spans[GROUP] if (candidate := _candidate(span, text, name)) is not None}
        yield sorted(found, key=lambda one: (one.begin, one.end, one.evidence, one.partner or "", one.relation or ""))


def _annotated(nlp: Language, texts: Sequence[tuple[str, bool]], name: str) -> Iterator[Doc]:
    try:
        yield from nlp.pipe(_doc(nlp, text, is_title=is_title) for text, is_title in texts)
    except Exception as error:
        raise _error(name, f"fails on a text: {_said(error)}") from error


def _doc(nlp: Language, text: str, *, is_title: bool) -> Doc:
    doc = nlp.make_doc(text)
    doc.user_data["title"] = is_title
    return doc


def _candidate(span: Span, text: str, name: str) -> Candidate | None:
    """A span as a candidate, without the blanks at its ends; None if nothing is left of it."""
    whole = text[span.start_char : span.end_char]
    surface = whole.strip()
    if not surface:
        return None
    begin = span.start_char + whole.index(surface)
    partner, relation = span.kb_id_, span.id_
    if partner and relation and relation not in RELATIONS:
        raise _error(name, f"says of {_begin(surface)} that {_begin(partner)} is its {_begin(relation)} (span.id_); known: {', '.join(RELATIONS)}")
    return Candidate(
        begin=begin,
        end=begin + len(surface),
        surface=surface,
        evidence=f"{EVIDENCE} {span.label_.casefold()}".rstrip(),
        partner=partner if partner and relation else None,
        relation=relation if partner and relation else None,
    )


def _error(name: str, reason: str) -> PipelineError:
    return PipelineError(f"--pipeline {visible(shlex.quote(name))}: {reason}")


def _begin(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _said(error: Exception) -> str:
    """Other people's error in one line: the first sentence or two say what it is."""
    text = visible(" ".join(str(error).split()))
    return f"{error.__class__.__name__}: {text if len(text) <= 300 else f'{text[:300]}...'}"
