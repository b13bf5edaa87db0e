"""What a query answered: rows, yes or no, or triples, in a temporary file, and the formats in which it is written."""

from __future__ import annotations

import io
import re
import shutil
import unicodedata
import weakref
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from importlib import import_module
from types import TracebackType
from typing import IO, Any, Literal, Self

from kg.errors import MissingExtraError, QueryError
from kg.namespaces import PREFIXES

Value = str | int | float | bool | Decimal | None
"""A term as a Python value: IRIs and other literals are text, an unbound variable is None."""

FORMATS = ("table", "csv", "tsv", "json", "xml", "ttl", "nt")
"""What `Answer.write` can write: all but the last two for rows and for yes or no, "table" and the last two for triples."""

_XSD = PREFIXES["xsd"]
_ID_WIDTHS = (12, 8)
"""How narrow a drawn column of ids becomes before words of text must break, and after."""
_LONGEST_WORD = 24
_GAP = 2


class Answer:
    """What a query answered, in a temporary file, which goes with the answer; `close` gives it back before.

    ``form`` is "select" (rows), "ask" (yes or no: ``boolean``) or "construct" (triples). Iterating a SELECT's answer gives a
    dict of Python values a row, and may be done again and again. It has no length: rows are counted by reading them.

    >>> results = b'{"head":{"vars":["name","papers"]},"results":{"bindings":[{"name":{"type":"literal","value":"Ann"}}]}}'
    >>> list(Answer.of_results(io.BytesIO(results)))
    [{'name': 'Ann', 'papers': None}]
    """

    def __init__(self, file: IO[bytes], *, form: Literal["select", "ask", "construct"], variables: tuple[str, ...], base: str) -> None:
        self._file = file
        # Whoever does not close an answer must not be warned of a file of ours that nobody closed.
        self._finalizer = weakref.finalize(self, file.close)
        self.form = form
        self.variables = variables
        self.base = base

    @classmethod
    def of_results(cls, file: IO[bytes]) -> Self:
        """The answer that a file of SPARQL JSON results holds, such as an endpoint gives.

        Raises:
            SyntaxError: it does not begin as such results do.
        """
        import pyoxigraph

        file.seek(0)
        results = pyoxigraph.parse_query_results(file, pyoxigraph.QueryResultsFormat.JSON)
        if isinstance(results, pyoxigraph.QueryBoolean):
            return cls(file, form="ask", variables=(), base="")
        return cls(file, form="select", variables=tuple(variable.value for variable in results.variables), base="")

    @classmethod
    def of_triples(cls, file: IO[bytes]) -> Self:
        """The answer that a file of N-Triples holds."""
        return cls(file, form="construct", variables=("subject", "predicate", "object"), base="")

    def __repr__(self) -> str:
        return f"<Answer {self.form}: {', '.join(self.variables)}>" if self.variables else f"<Answer {self.form}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the temporary file back."""
        self._finalizer()

    @property
    def boolean(self) -> bool:
        """Yes or no, of an ASK query.

        Raises:
            QueryError: it is no ASK query.
        """
        if self.form != "ask":
            raise QueryError(f"a {self.form.upper()} query does not answer yes or no; ask with ASK")
        return bool(self._results())

    def terms(self) -> Iterator[tuple[Any, ...]]:
        """The rows as pyoxigraph terms (of a SELECT), or the triples (of a CONSTRUCT or DESCRIBE); None for unbound."""
        import pyoxigraph

        if self.form == "select":
            for solution in self._results():
                yield tuple(solution)
        elif self.form == "construct":
            self._file.seek(0)
            for quad in pyoxigraph.parse(self._file, format=pyoxigraph.RdfFormat.N_TRIPLES):
                yield (quad.subject, quad.predicate, quad.object)
        else:
            raise QueryError("an ASK query has no rows; read its boolean")

    def __iter__(self) -> Iterator[dict[str, Value]]:
        for row in self.terms():
            yield dict(zip(self.variables, map(python_value, row), strict=True))

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise MissingExtraError("an answer as a DataFrame", package="pandas", extra="pandas") from error
        return pandas.DataFrame(list(self), columns=list(self.variables))

    def to_arrow(self) -> Any:
        """The rows as an Arrow table.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        try:
            pyarrow = import_module("pyarrow")
        except ImportError as error:
            raise MissingExtraError("an answer as an Arrow table", package="pyarrow", extra="arrow") from error
        rows = list(self)
        return pyarrow.table({name: [row[name] for row in rows] for name in self.variables})

    def write(self, out: IO[bytes], format: str, *, width: int | None = None) -> None:
        """Write the answer in one of `FORMATS`.

        Args:
            width: of a terminal, in columns, to which a table is fitted; None for a plain table, nothing cut.

        Raises:
            QueryError: the format is unknown, or cannot hold this form of answer.
        """
        import pyoxigraph

        if format not in FORMATS:
            raise QueryError(f"no answer format {format!r}; known: {', '.join(FORMATS)}")
        if format == "table":
            self._write_table(out, width)
            return
        if (format in ("ttl", "nt")) != (self.form == "construct"):
            fitting = "table, ttl or nt" if self.form == "construct" else "table, csv, tsv, json or xml"
            raise QueryError(f"the answer of a {self.form.upper()} query cannot be written as {format}; ask for {fitting}")
        self._file.seek(0)
        if format in ("nt", "json"):
            shutil.copyfileobj(self._file, out)
        elif format == "ttl":
            triples = (quad.triple for quad in pyoxigraph.parse(self._file, format=pyoxigraph.RdfFormat.N_TRIPLES))
            pyoxigraph.serialize(triples, out, format=pyoxigraph.RdfFormat.TURTLE, prefixes=PREFIXES)
        else:
            forms = {"csv": pyoxigraph.QueryResultsFormat.CSV, "tsv": pyoxigraph.QueryResultsFormat.TSV, "xml": pyoxigraph.QueryResultsFormat.XML}
            self._results().serialize(out, forms[format])

    def _results(self) -> Any:
        import pyoxigraph

        self._file.seek(0)
        return pyoxigraph.parse_query_results(self._file, pyoxigraph.QueryResultsFormat.JSON)

    def _cells(self) -> Iterator[list[str]]:
        for row in self.terms():
            yield [_shown(term, self.base) for term in row]

    def _write_table(self, out: IO[bytes], width: int | None) -> None:
        if self.form == "ask":
            out.write(b"true\n" if self.boolean else b"false\n")
            return
        from rich.cells import cell_len

        if width is not None:
            self._draw_table(out, width)
            return
        # Two passes over the file rather than all rows in memory.
        widths = [cell_len(name) for name in self.variables]
        for cells in self._cells():
            widths = [max(known, cell_len(cell)) for known, cell in zip(widths, cells, strict=True)]
        lines: Iterable[list[str]] = [list(self.variables), ["-" * size for size in widths]]
        for group in (lines, self._cells()):
            for cells in group:
                padded = (cell + " " * (size - cell_len(cell)) for cell, size in zip(cells, widths, strict=True))
                out.write(("  ".join(padded).rstrip() + "\n").encode("utf-8"))

    def _draw_table(self, out: IO[bytes], width: int) -> None:
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        rows = list(self.terms())
        drawn = [[_shown(term, self.base, short=True) for term in row] for row in rows]
        columns = [[name, *(cells[at] for cells in drawn)] for at, name in enumerate(self.variables)]
        kinds = [_column_kind(row[at] for row in rows) for at in range(len(self.variables))]
        sizes = _fitted(columns, kinds, width)
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
        for name, size, kind in zip(self.variables, sizes, kinds, strict=True):
            table.add_column(Text(name), overflow="fold", width=size, justify="right" if kind == "number" else "left")
        for cells in drawn:
            cut = (_folded(cell, size) if kind == "id" else cell for cell, size, kind in zip(cells, sizes, kinds, strict=True))
            table.add_row(*map(Text, cut))
        text = io.StringIO()
        Console(file=text, width=width, color_system=None, force_terminal=False, legacy_windows=False).print(table)
        out.write(text.getvalue().encode("utf-8"))


def python_value(term: Any) -> Value:
    """A pyoxigraph term as a Python value.

    >>> import pyoxigraph
    >>> python_value(pyoxigraph.Literal("5", datatype=pyoxigraph.NamedNode("http://www.w3.org/2001/XMLSchema#integer")))
    5
    >>> python_value(pyoxigraph.NamedNode("https://example.org/")), python_value(None)
    ('https://example.org/', None)

    A number that is none stays text, for anybody may write one:

    >>> python_value(pyoxigraph.Literal("many", datatype=pyoxigraph.NamedNode("http://www.w3.org/2001/XMLSchema#integer")))
    'many'
    """
    if term is None:
        return None
    datatype = getattr(term, "datatype", None)
    text: str = getattr(term, "value", None) or ("" if datatype is not None else str(term))
    if datatype is None:
        return text
    kind = datatype.value.removeprefix(_XSD)
    try:
        if kind == "integer":
            return int(text)
        if kind == "decimal":
            return Decimal(text)
        if kind in ("double", "float"):
            return float(text)
    except (ValueError, InvalidOperation):
        return text
    if kind == "boolean":
        return text in ("true", "1")
    return text


def _column_kind(terms: Iterable[Any]) -> Literal["id", "number", "text"]:
    """What a column holds throughout, apart from empty cells; text where it is mixed."""
    known = [term for term in terms if term is not None]
    if known and all(type(term).__name__ == "NamedNode" for term in known):
        return "id"
    numbers = bool(known) and all(isinstance(python_value(term), int | float | Decimal) for term in known)
    return "number" if numbers else "text"


def _fitted(columns: list[list[str]], kinds: list[Literal["id", "number", "text"]], width: int) -> list[int]:
    """The widths of drawn columns: where they are too wide together, ids give way first, then text as far as its words go."""
    from rich.cells import cell_len

    sizes = [max(map(cell_len, cells)) for cells in columns]
    excess = sum(sizes) + _GAP * len(sizes) - width
    words = [max((cell_len(word) for cell in cells for word in cell.split()), default=1) for cells in columns]
    steps: tuple[tuple[str | None, list[int]], ...] = (
        ("id", [_ID_WIDTHS[0]] * len(sizes)),
        ("text", [min(word, _LONGEST_WORD) for word in words]),
        ("id", [_ID_WIDTHS[1]] * len(sizes)),
        (None, [1] * len(sizes)),
    )
    for kind, least in steps:
        giving = [at for at in range(len(sizes)) if kind in (None, kinds[at])]
        while excess > 0 and (widest := max((at for at in giving if sizes[at] > least[at]), key=lambda at: sizes[at], default=None)) is not None:
            sizes[widest] -= 1
            excess -= 1
    return sizes


def _folded(text: str, size: int) -> str:
    r"""An id in lines, broken behind its marks where it can be.

    >>> _folded("author/vinija-jain", 12)
    'author/\nvinija-jain'
    """
    lines = [""]
    for piece in re.findall(r"[^/:-]+[/:-]*|[/:-]+", text):
        if lines[-1] and len(lines[-1]) + len(piece) > size:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _rounded(value: float | Decimal) -> str:
    """A number with four digits that count, and never an integer's digit less.

    >>> _rounded(Decimal("0.333333333")), _rounded(Decimal("1234567.5")), _rounded(Decimal("2.50")), _rounded(1e-9)
    ('0.3333', '1234568', '2.5', '1e-09')
    """
    if isinstance(value, float) or not value.is_finite() or not value or abs(value.adjusted()) > 18:
        return f"{value:.4g}"
    text = f"{value:.{max(0, 3 - value.adjusted())}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shown(term: Any, base: str, *, short: bool = False) -> str:
    """A term as a person reads it in a table: an id for our IRIs, a short name where a prefix fits, one line of text.

    Args:
        short: round what is a decimal or a float.
    """
    if term is None:
        return ""
    if short and isinstance(number := python_value(term), float | Decimal):
        return _rounded(number)
    value: str = getattr(term, "value", str(term))
    if type(term).__name__ == "NamedNode":
        if base and value.startswith(base):
            return visible(value[len(base) :])
        for prefix, namespace in PREFIXES.items():
            if value.startswith(namespace) and re.fullmatch(r"\w+", value[len(namespace) :]):
                return f"{prefix}:{value[len(namespace) :]}"
    return visible(value)


def visible(text: str) -> str:
    """Text that cannot steer a terminal: control characters and marks that turn the writing round are shown as codes."""
    if text.isprintable():
        return text
    return "".join(
        " "
        if c in "\n\t"
        else f"\\u{ord(c):04x}"
        if unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        else c
        for c in text
    )


def one_line(text: str) -> str:
    r"""What an engine says, for a message: one line, not long, that cannot steer a terminal.

    >>> one_line("no room\n  left \x1b[31m")
    'no room left \\u001b[31m'
    """
    text = visible(" ".join(text.split()))
    return text if len(text) <= 200 else f"{text[:200]} ..."
