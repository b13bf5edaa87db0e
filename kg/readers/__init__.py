"""Readers: bytes to records, a module a format. The only place that reads a user's input.

A reader is two functions: ``sniff(head)`` says whether a file that begins so could be its own, ``read(path, report)`` yields records and tells
``report`` of those that cannot be used. ``docs/readers.md`` says how to add one.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import LookupFailed, ReadError
from kg.output import MANIFEST
from kg.readers import arxiv, digest
from kg.readers.files import Report, read_head
from kg.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A format: its name, the suffixes of its files (lower case), and the two functions that read it."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, Report], Iterator[Record]]
    sniff: Callable[[bytes], bool]


READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader(name="arxiv", suffixes=(".json", ".json.gz", ".jsonl", ".jsonl.gz"), read=arxiv.read, sniff=arxiv.sniff),
        Reader(name="digest", suffixes=(".md",), read=digest.read, sniff=digest.sniff),
    )
}
"""All readers by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The files to read, in an order that does not depend on the order of the inputs, and how many were passed over."""

    files: tuple[Path, ...]
    passed_over: int


def discover(inputs: Sequence[Path], reader: str | None = None) -> Discovery:
    """Find the files to read in files and folders.

    Folders are searched with all that is below them. There, files of unknown suffixes, README.md and whole folders that kg built (each as
    one) are passed over and counted; hidden files and folders are passed over uncounted. A file that is reached twice counts once, and links
    in a circle end. With ``reader``, a file named directly may have any suffix, and a folder gives the files of that reader's suffixes.

    Args:
        inputs: files and folders.
        reader: the name of a reader that is to read them all.

    Raises:
        ReadError: an input is missing, is neither file nor folder, or holds nothing to read.
        LookupFailed: there is no such reader.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.md", "a.md", "README.md", "c.txt", ".hidden.md"):
    ...         _ = Path(folder, name).write_text("x")
    ...     found = discover([Path(folder), Path(folder, "b.md")])
    >>> [path.name for path in found.files], found.passed_over
    (['a.md', 'b.md'], 2)
    """
    suffixes = _suffixes(reader)
    files: list[Path] = []
    passed_over: set[str] = set()
    for path in inputs:
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            built: list[Path] = []
            found = list(_walk(path, built))
            wanted = [entry for entry in found if entry.name.lower() != "readme.md" and _has_suffix(entry, suffixes)]
            if not wanted and path in built:
                raise ReadError("this folder was built by kg; name the folder of the files to read", path=path)
            if not wanted:
                raise ReadError(f"nothing to read in this folder; known: {', '.join(suffixes)}", path=path)
            files.extend(wanted)
            passed_over.update(os.path.realpath(entry) for entry in (*found, *built))
        elif stat.S_ISREG(mode):
            find_reader(path, reader)
            files.append(path)
        else:
            raise ReadError("neither a file nor a folder", path=path)
    files.sort(key=lambda path: (path.name, path.as_posix()))
    once = {os.path.realpath(path): path for path in reversed(files)}
    return Discovery(files=tuple(path for path in files if once[os.path.realpath(path)] is path), passed_over=len(passed_over - once.keys()))


def find_reader(path: Path, name: str | None = None) -> Reader:
    """The reader of a file: the one named, else by suffix, and where several know the suffix, by how the file begins.

    Raises:
        ReadError: no reader knows the suffix.
        LookupFailed: there is no reader of that name.

    >>> find_reader(Path("2024-12-25.md")).name, find_reader(Path("arxiv.jsonl.gz")).name, find_reader(Path("notes.txt"), "digest").name
    ('digest', 'arxiv', 'digest')
    >>> find_reader(Path("notes.docx"))
    Traceback (most recent call last):
    kg.errors.ReadError: notes.docx: no reader for '.docx'; known: .json, .json.gz, .jsonl, .jsonl.gz, .md
    """
    if name is not None:
        return _named(name)
    able = [reader for reader in READERS.values() if _has_suffix(path, reader.suffixes)]
    if not able:
        raise ReadError(f"no reader for {path.suffix or path.name!r}; known: {', '.join(_suffixes(None))}", path=path)
    if len(able) > 1:
        head = read_head(path)
        return next((reader for reader in able if reader.sniff(head)), able[0])
    return able[0]


def read(path: Path, reader: Reader, *, problem: Report | None = None) -> Iterator[Record]:
    """The records of a file, one at a time.

    Args:
        path: the file.
        reader: what reads it, from `find_reader`.
        problem: is told of each record, or rest of a file, that cannot be used, which is then passed over; without it the first one raises.

    Raises:
        ReadError: a record or the file cannot be used, and there is no ``problem``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "day.md"
    ...     _ = path.write_text("## Daily Papers (2024-12-25)\\n### [A](https://example.org)\\n### [B](https://arxiv.org/abs/2412.14711)\\n")
    ...     [record.title for record in read(path, find_reader(path), problem=print)]
    day.md:2: no arXiv id or DOI in the link 'https://example.org'; fix it, or leave such entries out with --skip-invalid
    ['B']
    """
    try:
        yield from reader.read(path, problem or _refuse)
    except ReadError as error:
        if problem is None:
            raise
        problem(error)


def _refuse(error: ReadError) -> None:
    raise error


def _named(name: str) -> Reader:
    if name not in READERS:
        raise LookupFailed(f"no reader {name!r}; known: {', '.join(READERS)}", choices=tuple(READERS))
    return READERS[name]


def _suffixes(name: str | None) -> tuple[str, ...]:
    """The suffixes that are known, of one reader or of all, sorted."""
    readers = READERS.values() if name is None else [_named(name)]
    return tuple(sorted({suffix for reader in readers for suffix in reader.suffixes}))


def _has_suffix(path: Path, suffixes: Sequence[str]) -> bool:
    return path.name.lower().endswith(tuple(suffixes))


def _mode(path: Path) -> int:
    """What kind of thing a path leads to, as `os.stat` says it."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ReadError("no such file or folder", path=path) from error
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}", path=path) from error


def _is_built(folder: str) -> bool:
    """Whether a folder holds the manifest of a build, in which the program stands first."""
    return re.match(rb'\{\s*"program":\s*"paperkg"', read_head(Path(folder, MANIFEST), 64)) is not None


def _walk(folder: Path, built: list[Path]) -> Iterator[Path]:
    """All files below a folder but hidden ones; a folder that links lead to twice is entered once, one that kg built is added to ``built``."""
    seen: set[str] = set()

    def refuse(error: OSError) -> None:
        raise ReadError(f"the folder cannot be read: {error.strerror}", path=Path(error.filename)) from error

    for here, folders, names in os.walk(folder, followlinks=True, onerror=refuse):
        real = os.path.realpath(here)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        if MANIFEST in names and _is_built(here):
            built.append(Path(here))
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        entries = [Path(here, name) for name in sorted(names) if not name.startswith(".")]
        # a link that leads nowhere is named when it is read: it was meant to be input
        yield from (entry for entry in entries if entry.is_file() or (entry.is_symlink() and not entry.exists()))
