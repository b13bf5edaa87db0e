"""Tables -> RDF, store, graph formats, the HTML page. Each writer's libraries are loaded when its format is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from kg.engine import Engine
from kg.errors import KGError, SchemaError

FORMATS = {
    "nq": "kg.nq",
    "nt": "kg.nt",
    "ttl": "kg.ttl",
    "trig": "kg.trig",
    "jsonld": "kg.jsonld",
    "rdfxml": "kg.rdf",
    "graphml": "kg.graphml",
    "gexf": "kg.gexf",
    "nodelink": "kg.nodelink.json",
    "parquet": "parquet",
    "csv": "csv",
    "html": "kg.html",
}
"""The formats, each with the name of its file or folder in the graph's folder."""

RDF_FORMATS = ("nq", "nt", "ttl", "trig", "jsonld", "rdfxml")
"""The formats that are made from kg.nq; the others are made from the tables."""

TABLE_FORMATS = ("parquet", "csv")
"""The formats that are a folder with a file for each table; the others are one file."""


def check_formats(names: Iterable[str]) -> tuple[str, ...]:
    """The names, if each is a format.

    Raises:
        KGError: one is not.

    >>> check_formats(["ttl", "html"])
    ('ttl', 'html')
    """
    checked = tuple(names)
    for name in checked:
        if name not in FORMATS:
            raise KGError(f"no format {name!r}; known: {', '.join(FORMATS)}")
    return checked


def write(name: str, engine: Engine, nquads: Path, out: Path, *, without: Collection[str] = (), formula_safe: bool = False) -> None:
    """Write a graph in one of `FORMATS`.

    Args:
        engine: the tables.
        nquads: the graph's kg.nq, which the RDF formats are made from.
        out: the file (for parquet and csv the folder) to write.
        without: the named graphs to leave out of an RDF format, such as "mentions".
        formula_safe: in CSV, keep spreadsheets from taking text for a formula.

    Raises:
        SchemaError: kg.nq is needed and is not there.
    """
    if name in RDF_FORMATS:
        if not nquads.is_file():
            raise SchemaError(f"{nquads}: is not there, and {name} is made from it; build it again: kg build -o {nquads.parent}")
        from kg.writers.rdf import convert

        convert(nquads, out, format=name, without=without)
    elif name == "html":
        from kg.writers.page import write_page

        write_page(engine, out)
    elif name in TABLE_FORMATS:
        from kg.writers import tabular

        if name == "parquet":
            tabular.write_parquet(engine, out)
        else:
            tabular.write_csv(engine, out, formula_safe=formula_safe)
    else:
        from kg.writers import networks

        {"graphml": networks.write_graphml, "gexf": networks.write_gexf, "nodelink": networks.write_nodelink}[name](engine, out)
