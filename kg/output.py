"""The output folder: whose it is, who is writing it, and how a new one takes its place in one step.

A build writes into a folder beside the output (``.NAME.new``) and the two are exchanged, so that a reader never sees half a
build, and a build that dies leaves the former one whole. What it left behind is cleared by the next.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import getpass
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kg.errors import OutputError
from kg.tables import TABLES

MANIFEST = "manifest.json"
JUDGEMENTS = "judgements.csv"
"""What people say of concepts: theirs and not a build's, so every build carries it over, and no export takes its place."""
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_CLEARINGS = 5
ASIDE = ".kg-aside"
_OURS = frozenset(
    "kg.duckdb kg.nq kg.nt kg.ttl kg.trig kg.jsonld kg.rdf kg.graphml kg.gexf kg.nodelink.json kg.vosviewer.json kg.html "
    "store parquet csv neo4j problems.csv manifest.json .cache".split()
)
"""What builds and exports make in the folder; everything else in it belongs to the user and stays."""
_UNFINISHED = _OURS | {".spill", "kg.duckdb.wal", "kg.nq.part"}


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a built folder; None where there is none.

    Raises:
        OutputError: it is there and cannot be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder / MANIFEST}: cannot be read ({error}); restore it, or build into another folder") from error
    if not isinstance(manifest, dict):
        raise OutputError(f"{folder / MANIFEST}: is not a manifest of kg; restore it, or build into another folder")
    return manifest


def check_ours(folder: Path) -> None:
    """Refuse a folder that a build must not replace.

    Raises:
        OutputError: it is a file, cannot be written, or holds files and no manifest (a README.md alone does not count).
    """
    if folder.is_symlink() and not folder.exists():
        raise OutputError(f"{folder}: is a link that leads nowhere; remove it, or build into another folder with -o")
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file, not a folder; remove it, or build into another folder with -o")
    parent = resolved(folder).parent
    for place in [folder, parent] if folder.exists() else [_nearest(parent)]:
        if not os.access(place, os.W_OK | os.X_OK):
            raise OutputError(f"{place}: cannot be written to; change its permissions, or build into another folder with -o")
    if folder.exists() and read_manifest(folder) is None:
        foreign = sorted(entry.name for entry in folder.iterdir() if entry.name != "README.md")
        if foreign:
            raise OutputError(f"{folder}: holds files ({foreign[0]} ...) and was not made by kg; build into another folder with -o, or empty it")


def resolved(path: Path) -> Path:
    """A path from the root, through all links.

    Raises:
        OutputError: it begins at the current folder, and that is gone.

    >>> resolved(Path("/tmp/../x.ttl")).name
    'x.ttl'
    """
    try:
        return Path(os.path.realpath(path))
    except FileNotFoundError as error:
        raise OutputError("the current folder is gone; change to it again (cd .)") from error


def check_target(path: Path, folder: Path, default: str, *, tables: str | None = None) -> Path:
    """Where an export to ``path`` is to be written, through links; refused where that would take away more than the one thing it names.

    Args:
        path: a file, or with ``tables`` a folder, which may be there already.
        folder: the graph's folder, in which the files of other formats are not to be replaced.
        default: the format's own name in that folder.
        tables: the suffix of the files in the folder to write, such as ".csv"; None where a file is to be written.

    Raises:
        OutputError: something else stands there, or the folder to write into is not there or cannot be written to.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     check_target(Path(folder, "small.ttl"), Path(folder), "kg.ttl").name
    'small.ttl'
    >>> check_target(Path("/"), Path("output"), "kg.ttl")
    Traceback (most recent call last):
    kg.errors.OutputError: /: is a folder; name a file in it with -o
    """
    target, graph = resolved(path), resolved(folder)
    what = "file" if tables is None else "folder of its own"
    if target.is_symlink():
        raise OutputError(f"{path}: is a link that leads nowhere; remove it, or name another {what} with -o")
    if target.exists() and not target.is_dir() and not target.is_file():
        raise OutputError(f"{path}: is neither a file nor a folder; name another {what} with -o")
    if tables is None and target.is_dir():
        raise OutputError(f"{path}: is a folder; name a file in it with -o")
    if tables is not None and target.exists():
        _check_tables(path, target, graph, tables)
    parent = target.parent
    if not parent.is_dir():
        shown = path.parent if not path.is_symlink() else parent
        raise OutputError(f"{shown}: {'is a file, not a folder' if parent.exists() else 'no such folder; make it first'}")
    if target.is_relative_to(graph):
        inside = target.relative_to(graph)
        if inside.parts[0] in _OURS | {JUDGEMENTS} and str(inside) != default:
            raise OutputError(f"{path}: is a part of the graph; in its folder this format is {default}, or name another {what} with -o")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: its folder cannot be written to; change its permissions, or name another {what} with -o")
    return target


def _check_tables(path: Path, target: Path, graph: Path, suffix: str) -> None:
    if not target.is_dir():
        raise OutputError(f"{path}: is a file, and this format is a folder of tables; name a new folder with -o")
    here = resolved(Path())
    if any(target == place or target in place.parents for place in (graph, here)):
        raise OutputError(f"{path}: holds the graph or is where you are; name a new folder with -o")
    known = {f"{name}{suffix}" for name in TABLES}
    foreign = sorted(entry.name for entry in target.iterdir() if entry.name not in known or entry.is_symlink() or not entry.is_file())
    if foreign:
        raise OutputError(f"{path}: holds more than tables of kg ({foreign[0]} ...); name a new folder with -o, or empty it")


def _nearest(folder: Path) -> Path:
    """The nearest folder above that is there."""
    while not folder.exists():
        folder = folder.parent
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for writing; the system lets go of it when the process ends, however it ends.

    Raises:
        OutputError: another process holds it; the message says which, and since when.
    """
    folder = resolved(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    path = folder.with_name(f".{folder.name}.lock")
    handle = _acquire(path, folder)
    try:
        holder = {"pid": os.getpid(), "user": _user(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        handle.truncate(0)
        handle.write(json.dumps(holder))
        handle.flush()
        yield
    finally:
        # Removed while still held, so that nobody can take a lock that is about to vanish unnoticed (see _acquire).
        path.unlink(missing_ok=True)
        handle.close()


def _acquire(path: Path, folder: Path) -> Any:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise _in_the_way(path)
    while True:
        handle = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            holder = _holder(handle.read())
            handle.close()
            raise OutputError(f"{folder}: another build is writing here ({holder}); wait for it, or stop it") from error
        # The former holder may have removed the file between our opening and our locking it: then ours is no lock.
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(handle.fileno()).st_ino:
                handle.seek(0)
                if not _is_a_lock(handle.read(1000)):
                    handle.close()
                    raise _in_the_way(path)
                return handle
        handle.close()


def _is_a_lock(text: str) -> bool:
    """Whether a lock file holds what `locked` writes, or nothing yet, and not something of the user's."""
    return not text or (text.startswith('{"pid": ') and text.endswith("}"))


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        return f"process {holder['pid']} of {holder['user']}, since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "it has just begun"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return str(os.getuid())


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new, empty folder that takes the place of ``folder`` when the block ends well; else it is removed.

    Files in ``folder`` that are not ours are carried over. To be used while `locked`.
    """
    folder = resolved(folder)
    recover(folder)
    new = _aside(folder, "new")
    new.mkdir(parents=True)
    try:
        yield new
        _carry_over(folder, new)
        _sync(new)
        _exchange(new, folder)
    finally:
        if new.exists():
            shutil.rmtree(new)


def recover(folder: Path) -> None:
    """Clear what a build that died left beside its output; finish or undo an exchange by renames that it broke off.

    Raises:
        OutputError: something of that name is there that no build left.
    """
    folder = resolved(folder)
    old = _aside(folder, "old")
    for litter in (old, _aside(folder, "new")):
        if litter.is_symlink() or (litter.exists() and not _left_by_a_build(litter)):
            raise _in_the_way(litter)
    if old.exists() and not folder.exists():
        old.rename(folder)
    for litter in (old, _aside(folder, "new")):
        if litter.exists():
            _clear(litter)


def _clear(litter: Path) -> None:
    """Remove a folder, into which a process that is just being ended may still write a last file."""
    for _ in range(_CLEARINGS - 1):
        try:
            shutil.rmtree(litter)
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
            time.sleep(0.1)
        else:
            return
    shutil.rmtree(litter)


def _left_by_a_build(litter: Path) -> bool:
    if not litter.is_dir():
        return False
    names = {entry.name for entry in litter.iterdir()}
    return not names or not names.isdisjoint(_UNFINISHED)


def _in_the_way(path: Path) -> OutputError:
    return OutputError(f"{path}: is in the way of the build, and was not made by kg; move it, or build into another folder with -o")


def _aside(folder: Path, word: str) -> Path:
    return folder.with_name(f".{folder.name}.{word}")


def _carry_over(folder: Path, new: Path) -> None:
    if not folder.exists():
        return
    for entry in sorted(folder.iterdir()):
        if entry.name in _OURS or entry.name.endswith(ASIDE) or (new / entry.name).exists():
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.copytree(entry, new / entry.name, symlinks=True, copy_function=_link)
        else:
            _link(entry, new / entry.name)


def _link(source: str | Path, target: str | Path) -> None:
    """A second name for a file where the system can give one, else a copy; the old folder's name goes away with it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _sync(new: Path) -> None:
    """Have everything on the disk before the exchange: a crash after it must not show a folder of empty files."""
    for path in new.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _exchange(new: Path, folder: Path) -> None:
    if not folder.exists():
        new.rename(folder)
        return
    if _exchanged_by_system(new, folder):
        return
    # Two renames: between them there is no output, and `recover` puts the old one back.
    old = _aside(folder, "old")
    folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old)


def _exchanged_by_system(left: Path, right: Path) -> bool:
    """Whether the system could exchange two folders in one step (Linux's renameat2)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if rename(_AT_FDCWD, os.fsencode(left), _AT_FDCWD, os.fsencode(right), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OutputError(f"{right}: cannot take the new build's place: {os.strerror(code)}")


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write a file or folder to; it is moved into place when the block ends well.

    A folder that stands there goes away, so `check_target` first.

    Raises:
        OutputError: the disk is full, or may not be written to.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with writing(Path(folder) / "a.txt") as aside:
    ...         _ = aside.write_text("whole")
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['a.txt']
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}{ASIDE}")
    try:
        yield aside
        if path.is_dir() and not path.is_symlink():
            old = path.with_name(f".{path.name}.{os.getpid()}.old{ASIDE}")
            path.rename(old)
            aside.rename(path)
            shutil.rmtree(old)
        else:
            aside.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}; what was there before is whole") from error
    finally:
        if aside.is_dir():
            shutil.rmtree(aside)
        else:
            aside.unlink(missing_ok=True)
