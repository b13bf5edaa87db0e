"""Ask the graph: the shipped queries, their parameters, and SPARQL in a child process that can be stopped at once.

The engine ignores signals while it works, so a query runs in a process of its own: Ctrl-C and the time limit end that
process. What it answers goes to a temporary file as it comes, so that a large answer needs no memory here.
"""

from __future__ import annotations

import difflib
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
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Literal, NoReturn, Self

from kg.errors import KGError, OutputError, QueryError, SchemaError

if TYPE_CHECKING:
    import pyoxigraph

Value = str | int | float | bool | Decimal | None
"""A term as a Python value: IRIs and other literals are text, an unbound variable is None."""

FORMATS = ("table", "csv", "tsv", "json", "xml", "ttl", "nt")
"""What `Answer.write` can write: all but the last two for rows and for yes or no, "table" and the last two for triples."""

PREFIXES = {
    "cito": "http://purl.org/spar/cito/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "itsrdf": "http://www.w3.org/2005/11/its/rdf#",
    "kg": "https://w3id.org/paperkg#",
    "nif": "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes that a query may use without declaring them; what it declares itself comes first."""

_XSD = PREFIXES["xsd"]
_HEADER = re.compile(r"#\+ (?P<indent> *)(?P<key>[\w-]+):\s*(?P<text>.*)")
_VALUES = re.compile(
    r"^(?P<head>[ \t]*VALUES[ \t]+\?(?P<name>\w+)[ \t]*\{[ \t]*)(?P<terms>.*?)(?P<tail>[ \t]*\}[ \t]*)$", re.MULTILINE | re.IGNORECASE
)
_IRI = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]*:|[a-z][a-z-]*/)[^\x00-\x20<>\"{}|^`\\]+>")
_TAGGED = re.compile(r'"(?P<text>.*)"@(?P<tag>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)', re.DOTALL)
_TAGS = re.compile(r'"(?:[^"\\]|\\.)*"(@[A-Za-z0-9-]+)?')
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
# What a scan for FROM must skip: IRIs, strings (long ones first), comments, variables and prefixed names.
_SKIPPED = re.compile(
    r"<[^<>\"{}|^`\\\x00-\x20]*>"
    r'|"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|#[^\n]*"
    r"|[?$]\w+"
    r"|[\w.-]*:[\w.:-]*",
    re.DOTALL,
)
_FROM = re.compile(r"\bFROM\b", re.IGNORECASE)
_POSITION = re.compile(r"error at (?P<line>\d+):(?P<column>\d+): ?(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that a shipped query takes; ``example`` is the term that its file holds, as SPARQL writes it."""

    name: str
    description: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedQuery:
    """A query of ``ontologies/queries``; ``text`` is the whole file, and is SPARQL as it is."""

    name: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str


@lru_cache(maxsize=1)
def _shipped() -> tuple[ShippedQuery, ...]:
    folder = files("kg") / "ontologies" / "queries"
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".rq")), key=lambda entry: entry.name)
    return tuple(parse_query(entry.name.removesuffix(".rq"), entry.read_text(encoding="utf-8")) for entry in entries)


def shipped() -> dict[str, ShippedQuery]:
    """The shipped queries by name, in alphabetical order.

    >>> query = shipped()["papers-by-author"]
    >>> query.summary
    'Papers by an author, newest first'
    >>> [(parameter.name, parameter.example) for parameter in query.parameters]
    [('author', '"Aman Chadha"')]
    """
    return {query.name: query for query in _shipped()}


def parse_query(name: str, text: str) -> ShippedQuery:
    r"""Read the header of a query file: lines that begin with ``#+``, as grlc has them.

    Raises:
        QueryError: there is no summary, or a parameter has no VALUES line of its own.

    >>> parse_query("all", "#+ summary: Everything\nSELECT * { ?s ?p ?o }").summary
    'Everything'
    """
    header: dict[str, str] = {}
    described: dict[str, str] = {}
    for line in text.splitlines():
        if (found := _HEADER.fullmatch(line)) is None:
            continue
        (described if found["indent"] else header)[found["key"]] = found["text"].strip()
    if not header.get("summary"):
        raise QueryError(f"{name}.rq: no '#+ summary:' line; say in one what the query answers")
    examples = {match["name"]: match["terms"] for match in _VALUES.finditer(text)}
    for parameter in described:
        if parameter not in examples:
            raise QueryError(f"{name}.rq: no line 'VALUES ?{parameter} {{ ... }}'; each parameter needs one of its own, with an example")
    parameters = tuple(Parameter(name=key, description=value, example=examples[key]) for key, value in described.items())
    return ShippedQuery(name=name, summary=header["summary"], description=header.get("description", ""), parameters=parameters, text=text)


def find(name_or_sparql: str) -> str:
    """The text of a shipped query, or what was given if it is no name but SPARQL.

    Raises:
        QueryError: it is a name that no shipped query has.

    >>> find("ASK { ?s ?p ?o }")
    'ASK { ?s ?p ?o }'
    >>> find("paper-by-author")
    Traceback (most recent call last):
        ...
    kg.errors.QueryError: no shipped query 'paper-by-author'; near: papers-by-author
    """
    name = name_or_sparql.strip()
    if not _NAME.fullmatch(name):
        return name_or_sparql
    queries = shipped()
    if name in queries:
        return queries[name].text
    near = difflib.get_close_matches(name, queries, n=3, cutoff=0.6)
    raise QueryError(f"no shipped query {name!r}; {'near' if near else 'known'}: {', '.join(near or queries)}")


def with_parameters(text: str, values: Mapping[str, str]) -> str:
    r"""A query with other values in the VALUES lines of its parameters.

    A value is text, whatever it holds, and is written as a literal: quotes, backslashes and line ends cannot leave it. But
    ``<...>`` with an IRI (or an id such as ``<author/yutao-sun>``) in it is an IRI, ``"..."@ko`` has a language, and a number
    is one where the example is one. Where the example stands there in several languages, so does the value. A query's
    parameters are those that its header describes; without a header, all variables with a VALUES line of their own.

    Raises:
        QueryError: the query has no such parameter, or a value holds half a character.

    >>> print(with_parameters("SELECT * {\n VALUES ?name { \"x\" }\n ?s ?p ?name }", {"name": '" } #'}))
    SELECT * {
     VALUES ?name { "\" } #" }
     ?s ?p ?name }
    """
    lines = {match["name"] for match in _VALUES.finditer(text)}
    described = {found["key"] for line in text.splitlines() if (found := _HEADER.fullmatch(line)) and found["indent"]}
    known = sorted(lines & described if described else lines)
    for name in values:
        if name not in known:
            raise QueryError(f"no parameter {name!r} in this query; known: {', '.join(known) or 'none'}")

    def replaced(match: re.Match[str]) -> str:
        if match["name"] not in values:
            return match[0]
        return f"{match['head'].rstrip()} {write_terms(values[match['name']], like=match['terms'])} {match['tail'].lstrip()}"

    return _VALUES.sub(replaced, text)


def write_terms(value: str, *, like: str = '"x"') -> str:
    r"""A value as SPARQL writes it, in the forms in which the terms of an example stand; see `with_parameters`.

    >>> write_terms("Ann \"A\" Lee"), write_terms("<https://example.org/a>"), write_terms("</script>")
    ('"Ann \\"A\\" Lee"', '<https://example.org/a>', '"</script>"')
    >>> write_terms("전문가 혼합", like='"LLM"@en "LLM"@ko "LLM"'), write_terms('"전문가 혼합"@ko', like='"LLM"@en "LLM"@ko "LLM"')
    ('"전문가 혼합"@en "전문가 혼합"@ko "전문가 혼합"', '"전문가 혼합"@ko')
    >>> write_terms("5", like="10"), write_terms("5", like='"2024-12"')
    ('5', '"5"')
    """
    if _IRI.fullmatch(value) or (_NUMBER.fullmatch(value) and _NUMBER.fullmatch(like.strip())):
        return value
    if tagged := _TAGGED.fullmatch(value):
        return f"{_quoted(tagged['text'])}@{tagged['tag']}"
    return " ".join(_quoted(value) + tag for tag in dict.fromkeys(_TAGS.findall(like) or [""]))


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


def _quoted(text: str) -> str:
    pieces: list[str] = []
    former = ""
    for character in text:
        code = ord(character)
        if 0xD800 <= code <= 0xDFFF:
            raise QueryError(f"{text!r} holds half a character (U+{code:04X}); give whole text")
        # Some engines expand \uXXXX before they read the query, and would take "\\u0022" for a backslash and a quote: a u behind a
        # backslash is therefore written as a code itself. Eight digits, because RDFLib reads up to eight after a small u, too.
        as_code = code < 0x20 or 0x7F <= code <= 0xA0 or character in "\u2028\u2029" or (former == "\\" and character in "uU")
        pieces.append(_ESCAPES.get(character, f"\\U{code:08X}" if as_code else character))
        former = character
    return f'"{"".join(pieces)}"'


class Answer:
    """What a query answered, in a temporary file; to be closed.

    ``form`` is "select" (rows), "ask" (yes or no: ``boolean``) or "construct" (triples). Iterating a SELECT's answer gives a
    dict of Python values a row, and may be done again and again.

    >>> results = '{"head":{"vars":["name","papers"]},"results":{"bindings":[{"name":{"type":"literal","value":"Ann"}}]}}'
    >>> with Answer.of_rows(("name", "papers"), results) as answer:
    ...     list(answer)
    [{'name': 'Ann', 'papers': None}]
    """

    def __init__(self, file: IO[bytes], *, form: Literal["select", "ask", "construct"], variables: tuple[str, ...], base: str) -> None:
        self._file = file
        self.form = form
        self.variables = variables
        self.base = base

    @classmethod
    def of_rows(cls, variables: tuple[str, ...], results: str) -> Self:
        """An answer from SPARQL JSON results, such as an endpoint gives."""
        return cls(io.BytesIO(results.encode("utf-8")), form="select", variables=variables, base="")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the temporary file back."""
        self._file.close()

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
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table()
        for name in self.variables:
            table.add_column(Text(name), overflow="fold")
        for cells in self._cells():
            table.add_row(*(Text(cell) for cell in cells))
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
    """
    if term is None:
        return None
    datatype = getattr(term, "datatype", None)
    text: str = getattr(term, "value", None) or ("" if datatype is not None else str(term))
    if datatype is None:
        return text
    kind = datatype.value.removeprefix(_XSD)
    if kind == "integer":
        return int(text)
    if kind == "decimal":
        return Decimal(text)
    if kind in ("double", "float"):
        return float(text)
    if kind == "boolean":
        return text in ("true", "1")
    return text


def _shown(term: Any, base: str) -> str:
    """A term as a person reads it in a table: an id for our IRIs, a short name where a prefix fits, one line of text."""
    if term is None:
        return ""
    value: str = getattr(term, "value", str(term))
    if type(term).__name__ == "NamedNode":
        if base and value.startswith(base):
            return _visible(value[len(base) :])
        for prefix, namespace in PREFIXES.items():
            if value.startswith(namespace) and re.fullmatch(r"\w+", value[len(namespace) :]):
                return f"{prefix}:{value[len(namespace) :]}"
    return _visible(value)


def _visible(text: str) -> str:
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


def run(folder: Path, query: str, *, timeout_s: float = 60.0, progress: Callable[[str, int, int | None], None] | None = None) -> Answer:
    """Ask the graph of an output folder any SPARQL 1.1 query, in a process of its own.

    The default graph is the union of all graphs, unless the query chooses with FROM. IRIs may be written without the base
    (``<author/yutao-sun>``), and the prefixes of `PREFIXES` are known. If the folder has no store yet, it is loaded first,
    which does not count as part of the limit.

    Args:
        timeout_s: how long the query may take, in seconds.
        progress: called with "store", bytes read and bytes in all while a store is loaded.

    Raises:
        QueryError: the query is not SPARQL, failed, or took too long.
        SchemaError: the folder holds no graph, or its store cannot be opened.
        OutputError: there is no room, or no right, for the store or the answer.
    """
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

    Raises:
        SchemaError: there is no graph in the folder, or ``kg.nq`` is no N-Quads.
        OutputError: the store cannot be written.
    """
    store = folder / "store"
    if store.is_dir():
        return store
    nquads = folder / "kg.nq"
    if not nquads.is_file():
        raise SchemaError(f"{folder}: no graph here (neither store nor kg.nq); build one with: kg build -o {folder}")
    total = nquads.stat().st_size
    try:
        aside = Path(tempfile.mkdtemp(prefix=".store.", dir=folder))
    except OSError as error:
        raise OutputError(f"{folder}: the store cannot be written: {error.strerror}; make room, or change the folder's permissions") from error
    try:
        with tempfile.TemporaryFile() as steps:
            _ask_child({"task": "load", "nquads": str(nquads), "store": str(aside / "store")}, steps, progress=progress, total=total)
        try:
            (aside / "store").rename(store)
        except OSError:
            if not store.is_dir():  # else another process was faster, and its store is as good
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return store


_CHILD = "from kg.query import _child; _child()"
_EXIT_GRACE_S = 1.0


def _ask_child(
    task: dict[str, Any],
    output: IO[bytes],
    *,
    timeout_s: float | None = None,
    progress: Callable[[str, int, int | None], None] | None = None,
    total: int = 0,
) -> dict[str, Any]:
    """Have a new interpreter do a task; its report. It inherits nothing but the path on which modules are found."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)}
    command = [sys.executable, "-P", "-c", _CHILD]
    with tempfile.TemporaryFile() as reported:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=reported, env=environment)
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
        lines = reported.read().decode("utf-8", "replace").strip().splitlines()
    return _reported(child.returncode, lines)


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


def _reported(code: int, lines: list[str]) -> dict[str, Any]:
    if code == 0 and lines:
        report: dict[str, Any] = json.loads(lines[-1])
        if "error" not in report:
            return report
        errors: dict[str, type[KGError]] = {"query": QueryError, "schema": SchemaError, "output": OutputError}
        raise errors[report["kind"]](report["error"])
    if code < 0:
        raise QueryError(f"the engine was ended by signal {-code} ({signal.Signals(-code).name}); if memory ran out, ask for less")
    raise QueryError(f"the engine failed: {lines[-1] if lines else f'exit status {code}'}")


def _child() -> None:
    """The child's side: one task from stdin, its output to stdout, a report to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
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
            "error": f"{task['store']}: the store cannot be opened ({_one_line(str(error))}); remove it, and it is loaded again from kg.nq",
        }
    query = task["query"]
    out = sys.stdout.buffer
    try:
        # The engine would put the union in the place of what FROM asks for.
        results = store.query(query, base_iri=base or None, prefixes=PREFIXES, use_default_graph_as_union=not _chooses_graphs(query))
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
        return {"kind": "query", "error": syntax_message(str(error))}
    except OSError as error:
        if error.errno is not None:
            return {"kind": "output", "error": f"the answer cannot be written to {tempfile.gettempdir()}: {error.strerror}; make room there"}
        return {"kind": "query", "error": f"the query failed: {_one_line(str(error))}"}
    except (ValueError, RuntimeError) as error:
        return {"kind": "query", "error": f"the query failed: {_one_line(str(error))}"}


def _base(store: pyoxigraph.Store) -> str:
    """The base of the graph's IRIs, from its own description; "" where it has none."""
    import pyoxigraph

    spaces = store.quads_for_pattern(None, pyoxigraph.NamedNode(PREFIXES["void"] + "uriSpace"), None)
    return min((quad.object.value for quad in spaces if isinstance(quad.object, pyoxigraph.Literal)), default="")


def _chooses_graphs(query: str) -> bool:
    return _FROM.search(_SKIPPED.sub(" ", query)) is not None


def syntax_message(message: str) -> str:
    r"""The parser's complaint in one line, with the line and column to which it had come, but not with each letter that it would have taken.

    >>> syntax_message("error at 2:8: expected one of FILTER, SELECT, ['0' ..= '9'\n| '\\u{00B7}'], [_]")
    'query:2:8: not SPARQL: expected one of FILTER, SELECT'
    """
    found = _POSITION.search(message)
    if found is None:
        return f"query: not SPARQL: {_one_line(message)}"
    rest = re.sub(r"(, )?\[[^\]]*\]", "", found["rest"])
    return f"query:{found['line']}:{found['column']}: not SPARQL: {_one_line(rest)}"


def _one_line(text: str) -> str:
    text = _visible(" ".join(text.split()))
    return text if len(text) <= 200 else f"{text[:200]} ..."


class _Counted(io.RawIOBase):
    """A file that says, as it is read, how far it has been read."""

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
        return {"kind": "schema", "error": f"{Path(task['nquads']).name}: no N-Quads ({_one_line(str(error))}); build again"}
    except OSError as error:
        return {"kind": "output", "error": f"{Path(task['store']).parent.parent}: the store cannot be written: {_one_line(str(error))}"}
    return {}
