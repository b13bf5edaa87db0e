"""Every error that kg raises on purpose.

    KGError
    ├── ReadError           an input file cannot be read or is not what it claims to be
    ├── SchemaError         a table, a mapping or an output folder is not what the program needs
    ├── IdentifierError     a text that should name something names nothing
    ├── LookupFailed        no, or more than one, thing of that name is in the graph
    ├── QueryError          a query is not SPARQL, was stopped, or took too long
    ├── PipelineError       texts cannot be annotated: a spaCy pipeline is missing or not what is needed, a process died
    ├── OutputError         the output cannot be written: a full disk, no right to write, another build
    └── MissingExtraError   an optional package is needed

A message says where, what was found, and what would do.
"""

from __future__ import annotations

from pathlib import Path


class KGError(Exception):
    """The base of all errors raised on purpose."""


def visible(text: str) -> str:
    """A text on one line that steers no terminal and fits every encoding of Unicode: what cannot be printed is escaped.

    >>> print(visible("a\\nb\\x1b[31m.md"), visible("요약 1.md"))
    a\\nb\\x1b[31m.md 요약 1.md
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


class ReadError(KGError):
    """An input that cannot be used, at a line where one is known.

    >>> from pathlib import Path
    >>> str(ReadError("entry has no title", path=Path("in/refs.bib"), line=41))
    'refs.bib:41: entry has no title'
    """

    def __init__(self, reason: str, *, path: Path, line: int | None = None) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        name = visible(path.name)
        where = name if line is None else f"{name}:{line}"
        super().__init__(f"{where}: {reason}")


class SchemaError(KGError):
    """A table, a mapping or a folder that is not what the program needs."""


class IdentifierError(KGError):
    """A text that should name something and names nothing."""


class LookupFailed(KGError):
    """No, or more than one, thing of that name is in the graph.

    ``choices`` holds the ids that were meant (ambiguous) or are near (unknown).
    """

    def __init__(self, message: str, *, choices: tuple[str, ...] = (), ambiguous: bool = False) -> None:
        self.choices = choices
        self.ambiguous = ambiguous
        super().__init__(message)


class QueryError(KGError):
    """A query that is not SPARQL, was stopped, or took too long."""


class PipelineError(KGError):
    """Texts that cannot be annotated: a spaCy pipeline that is missing or not what is needed, a process that died."""


class OutputError(KGError):
    """An output that cannot be written."""


class MissingExtraError(KGError):
    """An optional package is not installed.

    >>> str(MissingExtraError("writing to Spark", package="pyspark", extra="spark"))
    "writing to Spark needs pyspark; install it with: pip install 'paperkg[spark]'"
    """

    def __init__(self, what: str, *, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(f"{what} needs {package}; install it with: pip install 'paperkg[{extra}]'")
