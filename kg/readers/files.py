"""Bytes to lines, for every reader: gzip, the limit on a line's length, and UTF-8."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from kg.errors import ReadError

LINE_LIMIT_BYTES = 10_000_000
_BLOCK_BYTES = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"

Report = Callable[[ReadError], None]
"""What a reader does with a record that it cannot use. It may raise; if it returns, the record is passed over."""


def read_head(path: Path, size: int = 1 << 18) -> bytes:
    """The first bytes of a file, unpacked; empty where it cannot be read (whoever reads it on says why).

    >>> read_head(Path("no-such-file"))
    b''
    """
    try:
        with _open(path) as file:
            return file.read(size).removeprefix(_BOM)
    except (OSError, EOFError, zlib.error):
        return b""


def read_lines(path: Path, report: Report, *, strict: bool = False) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file, gzip or not, with their numbers from 1, without LF, CR LF or a byte order mark; blank ones, too.

    A line ends at LF only. One that is longer than 10 MB is never held in memory: it is reported and passed over, as is one that is not UTF-8,
    unless it is the first: then the file is no text.

    Args:
        path: the file.
        report: is told of lines that are passed over.
        strict: any line that is not UTF-8 ends the reading, because the lines after it mean something else without it.

    Raises:
        ReadError: the file is missing, is no file, is empty, is no text, may not be read, or its gzip data is cut or damaged.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.txt"
    ...     _ = path.write_bytes(b"one\\r\\n\\xff\\nthree")
    ...     list(read_lines(path, print))
    two.txt:2: byte 0xff is not UTF-8; save the file as UTF-8
    [(1, 'one'), (3, 'three')]
    """
    number = 0
    try:
        with _open(path) as file:
            while raw := file.readline(LINE_LIMIT_BYTES + 2):
                number += 1
                if number == 1:
                    raw = raw.removeprefix(_BOM)
                line = raw.removesuffix(b"\n").removesuffix(b"\r")
                if len(line) > LINE_LIMIT_BYTES:
                    while raw and not raw.endswith(b"\n"):
                        raw = file.readline(_BLOCK_BYTES)
                    report(ReadError("the line is longer than 10 MB; cut it, or leave such lines out with --skip-invalid", path=path, line=number))
                    continue
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError as error:
                    found = f"byte 0x{line[error.start]:02x} is not UTF-8"
                    if number == 1:
                        raise ReadError(f"{found}: no text, or in another encoding; save it as UTF-8, or take it out", path=path, line=1) from error
                    fault = ReadError(f"{found}; save the file as UTF-8", path=path, line=number)
                    if strict:
                        raise fault from error
                    report(fault)
                    continue
                yield number, text
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReadError("the gzip data is cut or damaged; fetch or pack the file again", path=path, line=number + 1) from error
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}", path=path) from error
    if number == 0:
        raise ReadError("the file is empty; remove it, or fetch it again", path=path)


def _open(path: Path) -> BinaryIO:
    """Open a file for reading, unpacking it if it is gzip, whatever its name says."""
    if not path.exists():
        raise FileNotFoundError(2, "no such file")
    if not path.is_file():  # opening a pipe would wait for ever
        raise OSError(0, "it is not a file")
    raw = path.open("rb")
    try:
        packed = raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
    except OSError:
        raw.close()
        raise
    # no buffer around it: one would lose the good lines before a fault, and it has its own
    return cast(BinaryIO, _Gzip(raw)) if packed else raw


class _Gzip(gzip.GzipFile):
    """A gzip stream that closes the file under it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        super().__init__(fileobj=raw, mode="rb")

    def close(self) -> None:
        super().close()
        self._raw.close()
