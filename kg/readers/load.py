"""Records as tables: sources, records, sections, signatures, digests, and the temporary table subjects."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from kg.engine import Engine
from kg.errors import ReadError
from kg.ids import author_id, local_part, paper_id, short_hash, slug
from kg.readers import Reader, find_reader, read
from kg.readers.text import clean_line
from kg.records import Record
from kg.tables import TABLES

_RECORDS_A_FLUSH = 2_000
_SUBJECTS = ("record_id", "scheme", "notation", "label")


def load_records(
    engine: Engine,
    paths: Sequence[Path],
    *,
    reader: str | None = None,
    problem: Callable[[ReadError], None] | None = None,
    progress: Callable[[str, int, int | None], None] = lambda name, done, total: None,
) -> int:
    """Read files into tables; the number of records. Two files of the same bytes are one source.

    Args:
        engine: where the tables are made.
        paths: the files.
        reader: the name of the reader to use; None to find it from suffix and content.
        problem: what to do with a bad record, which is then left out; None to raise.
        progress: is told the stage, the bytes done and the bytes in all.

    Raises:
        ReadError: a file or a record is bad, and there is no ``problem``.
    """
    for name in ("sources", "records", "sections", "signatures", "digests"):
        engine.declare(name)
    engine.run("create temp table subjects (record_id varchar, scheme varchar, notation varchar, label varchar)")
    rows = _Rows(engine)
    files = _distinct(paths, problem)
    total = sum(size for _, _, size in files)
    done = records = 0
    for path, digest, size in files:
        found = _reader_of(path, reader, problem)
        if found is None:
            continue
        source_id = f"source/{digest[:16]}"
        known: dict[str, int] = {}
        issues: set[str] = set()
        for record in read(path, found, problem=problem):
            date = record.digest.date if record.digest else ""
            record_id = f"record/{short_hash(chr(10).join([digest, date, _paper(record)]))}"
            if record_id in known:
                reason = f"the same paper stands at line {known[record_id]} already; leave one of them out, or use --skip-invalid"
                _report(ReadError(reason, path=path, line=record.line), problem)
                continue
            known[record_id] = record.line
            issues.add(date)
            rows.add(record, record_id, source_id)
            records += 1
        issued = min(issues) if len(issues) == 1 else None
        rows.sources.append((source_id, clean_line(path.name) or "?", digest, size, found.name, issued or None))
        done += size
        progress("read", done, total)
    rows.flush()
    return records


def _reader_of(path: Path, name: str | None, problem: Callable[[ReadError], None] | None) -> Reader | None:
    """The reader of a file; None where there is none and that was reported."""
    try:
        return find_reader(path, name)
    except ReadError as error:
        _report(error, problem)
        return None


def _report(error: ReadError, problem: Callable[[ReadError], None] | None) -> None:
    if problem is None:
        raise error
    problem(error)


def _distinct(paths: Sequence[Path], problem: Callable[[ReadError], None] | None) -> list[tuple[Path, str, int]]:
    """Each content once, under its smallest name: path, sha256 and bytes."""
    found: dict[str, tuple[Path, str, int]] = {}
    for path in sorted(paths, key=lambda path: (path.name, str(path))):
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = os.fstat(file.fileno()).st_size
        except OSError as error:
            _report(ReadError(f"cannot be read ({error.strerror}); check its permissions, or leave it out", path=path), problem)
            continue
        found.setdefault(digest, (path, digest, size))
    return list(found.values())


def _paper(record: Record) -> str:
    return paper_id(
        arxiv_id=record.arxiv_id,
        doi=record.doi,
        title=record.title,
        year=record.issued and record.issued[:4],
        names=tuple(signature.name for signature in record.signatures),
    )


def _unused(label: str, used: Collection[str]) -> str:
    """A label that is not used yet: itself, or with the first number that makes it so.

    >>> _unused("method", {"method", "method-2"})
    'method-3'
    """
    number, free = 1, label
    while free in used:
        number += 1
        free = f"{label}-{number}"
    return free


class _Rows:
    """Rows that wait to be written, so that a corpus of any size is read in bounded memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in ("records", "sections", "signatures", "subjects")}
        self._digests: dict[str, tuple[str, str, str]] = {}
        self.sources: list[tuple[Any, ...]] = []

    def add(self, record: Record, record_id: str, source_id: str) -> None:
        name = local_part(record_id)
        digest_id = None
        if record.digest is not None:
            digest_id = f"digest/{record.digest.date}"
            row = (digest_id, record.digest.date, record.digest.label)
            self._digests[digest_id] = min(row, self._digests.get(digest_id, row))
        # fmt: off
        self._waiting["records"].append((
            record_id, source_id, _paper(record), record.line, record.title, record.issued, record.arxiv_id, record.doi, record.url, record.venue,
            record.language, record.byline_complete, record.order_trusted, digest_id, record.votes, record.rank,
        ))
        # fmt: on
        labels: set[str] = set()
        for section in record.sections:
            label = _unused(slug(section.label), labels)
            labels.add(label)
            self._waiting["sections"].append((f"text/{name}+{label}", record_id, section.label, section.text, section.language))
        for position, signature in enumerate(record.signatures, 1):
            # fmt: off
            self._waiting["signatures"].append((
                f"signature/{name}+{position}", record_id, position, signature.name, signature.orcid, signature.openalex_id, signature.affiliation,
                author_id(signature.name),
            ))
            # fmt: on
        self._waiting["subjects"].extend((record_id, subject.scheme, subject.notation, subject.label) for subject in record.subjects)
        if len(self._waiting["records"]) >= _RECORDS_A_FLUSH:
            self._write()

    def flush(self) -> None:
        """Write what waits, and put the tables into the order of their keys."""
        self._write()
        self._insert("sources", sorted(self.sources))
        self._insert("digests", sorted(self._digests.values()))

    def _write(self) -> None:
        for name, rows in self._waiting.items():
            self._insert(name, rows)
            rows.clear()

    def _insert(self, name: str, rows: list[tuple[Any, ...]]) -> None:
        columns = _SUBJECTS if name == "subjects" else tuple(column.name for column in TABLES[name].columns)
        self._engine.insert(name, columns, rows)
