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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kg.errors import OutputError

MANIFEST = "manifest.json"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_ASIDE = ".kg-aside"
_OURS = frozenset(
    "kg.duckdb kg.nq kg.nt kg.ttl kg.trig kg.jsonld kg.rdf kg.graphml kg.gexf kg.nodelink.json kg.vosviewer.json kg.html "
    "store parquet csv neo4j problems.csv manifest.json .cache".split()
)
"""What builds and exports make in the folder; everything else in it belongs to the user and stays."""


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
    parent = folder.resolve().parent
    for place in [folder, parent] if folder.exists() else [_nearest(parent)]:
        if not os.access(place, os.W_OK | os.X_OK):
            raise OutputError(f"{place}: cannot be written to; change its permissions, or build into another folder with -o")
    if folder.exists() and read_manifest(folder) is None:
        foreign = sorted(entry.name for entry in folder.iterdir() if entry.name != "README.md")
        if foreign:
            raise OutputError(f"{folder}: holds files ({foreign[0]} ...) and was not made by kg; build into another folder with -o, or empty it")


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
    folder = folder.resolve()
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
                return handle
        handle.close()


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
    folder = folder.resolve()
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
    """Clear what a build that died left beside its output; finish or undo an exchange by renames that it broke off."""
    folder = folder.resolve()
    old = _aside(folder, "old")
    if old.exists() and not folder.exists():
        old.rename(folder)
    for litter in (old, _aside(folder, "new")):
        if litter.exists():
            shutil.rmtree(litter)


def _aside(folder: Path, word: str) -> Path:
    return folder.with_name(f".{folder.name}.{word}")


def _carry_over(folder: Path, new: Path) -> None:
    if not folder.exists():
        return
    for entry in sorted(folder.iterdir()):
        if entry.name in _OURS or entry.name.endswith(_ASIDE) or (new / entry.name).exists():
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

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with writing(Path(folder) / "a.txt") as aside:
    ...         _ = aside.write_text("whole")
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['a.txt']
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}{_ASIDE}")
    try:
        yield aside
        if path.is_dir() and not path.is_symlink():
            old = path.with_name(f".{path.name}.{os.getpid()}.old{_ASIDE}")
            path.rename(old)
            aside.rename(path)
            shutil.rmtree(old)
        else:
            aside.replace(path)
    finally:
        if aside.is_dir():
            shutil.rmtree(aside)
        else:
            aside.unlink(missing_ok=True)
