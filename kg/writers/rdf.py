"""Write the graph as RDF: kg.nq by the R2RML mapping, and from it every other format.

Whatever becomes RDF is said in ``ontologies/mapping.ttl``; `kg.writers.r2rml` compiles it. Errors of the disk pass
through as they are: who calls knows what they mean for the output.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pyoxigraph
from pyoxigraph import Quad, RdfFormat

from kg.engine import Engine, sql_path
from kg.errors import LookupFailed, OutputError, ReadError, SchemaError
from kg.namespaces import PREFIXES

FORMATS = {
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "ttl": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "rdfxml": RdfFormat.RDF_XML,
}
"""The formats that `convert` writes, by name."""

GRAPHS = ("about", "authors", "coauthorships", "concepts", "mentions", "papers", "shared-topics", "sources", "trends")
"""The named graphs: the base, ``graph/`` and one of these."""

TEXTS = "texts"
"""What `convert` can leave out beside graphs: the texts within graph/sources, which are other people's prose."""

_KINDS = (
    *("author", "authorship", "coauthorship", "concept", "concept-month", "config", "digest", "graph", "paper"),
    *("record", "run", "scheme", "shared-topics", "software", "source", "text", "venue"),
)
"""The first parts of ids: prefixes in Turtle and TriG, where paper/arxiv:2412.14711 reads paper:arxiv:2412.14711."""

_BLOCK = 1 << 20


def write_nquads(engine: Engine, path: Path, *, mapping: Path | None = None, base: str | None = None) -> int:
    """Write what a mapping makes of the tables as N-Quads; the number of quads.

    Lines come in the canonical form of N-Quads, map by map in the order of the maps' names, the same bytes every time.
    A file beside ``path``, named like it with ``.part``, holds one map's lines at a time.

    Args:
        engine: the tables.
        path: the file to write.
        mapping: an R2RML mapping in Turtle; None for the one of this program.
        base: the IRI in front of ids; None for the one in the table ``runs``.

    Raises:
        SchemaError: the mapping is not R2RML, does not fit the tables, or an id makes no valid IRI.

    >>> from tempfile import TemporaryDirectory
    >>> from kg.tables import TABLES
    >>> with Engine() as engine, TemporaryDirectory() as folder:
    ...     for table in TABLES:
    ...         engine.declare(table)
    ...     engine.insert("venues", ("venue_id", "name", "kind"), [("venue/acl", "ACL", "CreativeWorkSeries")])
    ...     quads = write_nquads(engine, Path(folder) / "kg.nq", base="https://kg.example/")
    ...     print(quads, (Path(folder) / "kg.nq").read_text().splitlines()[-1])
    1
    3 <https://kg.example/venue/acl> <https://schema.org/name> "ACL" <https://kg.example/graph/papers> .
    """
    from rdflib import Graph  # a tenth of a second that only writing needs

    from kg.writers.r2rml import compile_mapping

    source = files("kg") / "ontologies" / "mapping.ttl" if mapping is None else mapping
    try:
        graph = Graph().parse(data=source.read_text(encoding="utf-8"), format="turtle")
    except SyntaxError as error:
        raise SchemaError(f"{source.name}: is not Turtle: {error}") from error
    if base is None:
        base = str(engine.value("select base from runs"))
    statements = compile_mapping(graph, engine, base)
    part = path.with_name(f"{path.name}.part")
    target = sql_path(part)
    threads = engine.value("select current_setting('threads')")
    # With more threads each holds a whole row group's lines to keep the order: four times the memory, twice the CPU.
    engine.run("set threads = 1")
    quads = 0
    try:
        with path.open("wb") as out:
            for statement in statements:
                engine.run(f"copy ({statement.sql}) to {target} (format csv, header false, quote '', escape '', delimiter '')")
                with part.open("rb") as lines:
                    while block := lines.read(_BLOCK):
                        quads += block.count(b"\n")
                        out.write(block)
    except duckdb.InvalidInputException as error:
        raise SchemaError(str(error).partition("\n")[0].removeprefix("Invalid Input Error: ")) from error
    finally:
        part.unlink(missing_ok=True)
        engine.run(f"set threads = {threads}")
    return quads


def convert(nquads: Path, out: Path, *, format: str, without: Collection[str] = ()) -> int:
    """Write kg.nq in another format, streaming; the number of triples or quads written.

    Formats of triples hold the union of the graphs, in which no triple stands twice.

    Args:
        nquads: a file that `write_nquads` wrote.
        out: the file to write.
        format: a name in `FORMATS`.
        without: graphs to leave out, by names in `GRAPHS`, and `TEXTS`.

    Raises:
        LookupFailed: no such format or graph.
        OutputError: ``out`` is the file that is read.
        ReadError: the file is not N-Quads.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     nquads, turtle = Path(folder) / "kg.nq", Path(folder) / "kg.ttl"
    ...     line = '<https://kg.example/venue/acl> <https://schema.org/name> "ACL" <https://kg.example/graph/papers> .'
    ...     _ = nquads.write_text(line + chr(10))
    ...     convert(nquads, turtle, format="ttl"), turtle.read_text().splitlines()[-1]
    (1, 'venue:acl schema:name "ACL" .')
    """
    if format not in FORMATS:
        raise LookupFailed(f"no RDF format {format!r}; known: {', '.join(FORMATS)}", choices=tuple(FORMATS))
    for name in without:
        if name not in {*GRAPHS, TEXTS}:
            raise LookupFailed(f"no graph {name!r} to leave out; known: {', '.join(GRAPHS)}, {TEXTS}", choices=(*GRAPHS, TEXTS))
    if out.exists() and out.samefile(nquads):
        raise OutputError(f"{out}: is the file that is read; give another name")
    kind = FORMATS[format]
    written = 0

    def kept() -> Iterator[Any]:  # quads or triples, as the format has it
        nonlocal written
        for quad in _quads(nquads, base, without):
            written += 1
            yield quad if kind.supports_datasets else quad.triple

    try:
        base = _base(nquads)
        prefixes = PREFIXES if base is None or format == "rdfxml" else {**PREFIXES, **{name: f"{base}{name}/" for name in _KINDS}}
        pyoxigraph.serialize(kept(), str(out), kind, prefixes=prefixes)
    except SyntaxError as error:
        raise ReadError(f"is not N-Quads: {error.msg}; build it again", path=nquads, line=error.lineno) from error
    return written


def _quads(nquads: Path, base: str | None, without: Collection[str]) -> Iterator[Quad]:
    quads: Iterator[Quad] = pyoxigraph.parse(path=str(nquads), format=RdfFormat.N_QUADS)
    if not without:
        return quads
    graphs = {pyoxigraph.NamedNode(f"{base}graph/{name}") for name in without if name != TEXTS}
    texts = f"<{base}text/" if TEXTS in without else None
    sources = pyoxigraph.NamedNode(f"{base}graph/sources")
    return (
        quad
        for quad in quads
        if quad.graph_name not in graphs and not (texts is not None and quad.graph_name == sources and str(quad.subject).startswith(texts))
    )


def _base(nquads: Path) -> str | None:
    """The IRI base of the graph: what stands before ``graph/`` in the first quad; None where that is no graph of ours."""
    first = next(pyoxigraph.parse(path=str(nquads), format=RdfFormat.N_QUADS), None)
    found = re.fullmatch(r"(.*)graph/[a-z-]+", getattr(first.graph_name, "value", "")) if first is not None else None
    return found[1] if found else None
