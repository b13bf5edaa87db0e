"""One contract for all writers of graphs and tables: what they wrote, read back by another library, is what went in.

`filled` makes the tables from the Python values above it, hostile text and all; what must come back is made from the same
values, not from the tables. GraphML is read by networkx and by rustworkx (Rust); GEXF by networkx and by a reader of this
file, made after the format's description; node-link JSON by networkx and by json; Parquet by DuckDB and by pyarrow; CSV by
DuckDB and by Python's csv.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pyarrow.parquet
import pytest
import rustworkx

from kg.engine import Engine
from kg.tables import TABLES
from kg.writers.networks import write_gexf, write_graphml, write_nodelink
from kg.writers.tabular import write_csv, write_parquet

HOSTILE = (
    "<script>alert('x')</script> & \"quotes\" &amp; &#8;",
    '"; DROP TABLE papers; --',
    "]]> <![CDATA[ <!-- --> <?php ?>",
    "back\\slash \\n \\u0041 %s {0} ${x} $\\alpha_1^2$",
    "right\u202eto\u200fleft \u2028 line \u2029 paragraph \u0085 next \u00a0 hard",
    "emoji 👩‍🔬🏳️‍🌈 𝔘𝔫𝔦 é 中 한국어 e\u0301 \ue000 \ufffd",
    "tab\tand\nline\n\nand\n",
    "  spaces before and after  ",
    "windows\r\nand old mac\rlines",
    "\x00nul \x08back \x0bvertical \x0cform \x1bescape \x1funit \x7fdelete \x9fc1 \ufffe\uffff",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=cmd",
    "\r=cmd",
    "a,b;c|d",
    "../../x",
    ":",
    "null",
    "NaN",
    "True",
    "x" * 10_000,
)
_N = len(HOSTILE)
_RANGE = range(_N)

Rows = list[tuple[Any, ...]]
Graph = tuple[dict[str, dict[str, Any]], dict[tuple[str, str], dict[str, Any]]]


def _issued(number: int) -> str | None:
    """A paper's date: of two precisions, or unknown."""
    return (None, "2024-12", "2024-12-25")[number % 3]


def _weight(number: int) -> Decimal:
    return Decimal(number + 1) / 8


AUTHOR = [f"author/a{number:03d}" for number in _RANGE]
CONCEPT = [f"concept/c{number:03d}" for number in _RANGE]
PAPER = [f"paper/arxiv:2412.{number:05d}" for number in _RANGE]
NODES = {"people": AUTHOR, "concepts": CONCEPT, "papers": PAPER}

TABLE_ROWS: dict[str, Rows] = {
    "sources": [("source/s", HOSTILE[0], "0" * 64, 2**40, "digest", "2024-12-25")],
    "records": [
        (f"record/{n}", "source/s", PAPER[min(n, 1)], n, HOSTILE[1], None, None, None, HOSTILE[2], None, "ko", True, False, "digest/d", votes, None)
        for n, votes in enumerate((3, None, 9, 5))
        if n != 1
    ]
    + [("record/1", "source/s", PAPER[0], 1, HOSTILE[1], None, None, None, None, None, None, False, True, None, 7, 2)],
    "sections": [(f"text/{n}+title", "record/0", "title", text, None) for n, text in enumerate(HOSTILE)],
    "signatures": [(f"signature/{n}", "record/0", n + 1, text, None, None, text, AUTHOR[n]) for n, text in enumerate(HOSTILE)],
    "mentions": [("text/0+title", n, n + 1, CONCEPT[n], text[0], "gloss", Decimal("0.125")) for n, text in enumerate(HOSTILE)],
    "judgements": [("author", "a", "b", "same", Decimal("0.5"), "rule", HOSTILE[3])],
    "clusters": [("author", "signature/0", AUTHOR[0], HOSTILE[4])],
    "papers": [
        (PAPER[n], text, _issued(n), f"2412.{n:05d}", None, f"https://x.example/{n}?a=1&b=2", None if n else "venue/v", "en", 2, n % 2 == 0)
        for n, text in enumerate(HOSTILE)
    ],
    "authors": [
        (AUTHOR[n], text, ("person", "group", "ambiguous")[n % 3], None if n else "0000-0002-1825-0097", 2) for n, text in enumerate(HOSTILE)
    ],
    "authorships": [(PAPER[n], AUTHOR[(n + step) % _N], None if n else step + 1, HOSTILE[(n + step) % _N]) for n in _RANGE for step in (0, 1)],
    "concepts": [
        (
            CONCEPT[n],
            None if n == 4 else text,
            HOSTILE[5] if n % 2 == 0 else None,
            "Method" if n % 2 else None,
            None,
            "scheme/extracted",
            1,
            _issued(n),
        )
        for n, text in enumerate(HOSTILE)
    ],
    "concept_labels": [(CONCEPT[n], "und", text, "preferred", 1) for n, text in enumerate(HOSTILE)],
    "concept_links": [(CONCEPT[1], "broader", CONCEPT[0])],
    "paper_concepts": [(PAPER[n], CONCEPT[n], _weight(n) / 4, n % 2 == 0) for n in _RANGE],
    "citations": [(PAPER[0], "https://doi.org/10.1000/x")],
    "venues": [("venue/v", HOSTILE[6], "Periodical")],
    "digests": [("digest/d", "2024-12-25", HOSTILE[7])],
    "aliases": [("paper/old", PAPER[0], HOSTILE[8])],
    "runs": [("run/r", "config/c", "0.1.0", "https://kg.example/", 100, "f" * 16)],
    "coauthorships": [(AUTHOR[n], AUTHOR[n + 1], 1, _weight(n), _issued(n), _issued(n)) for n in _RANGE[:-1]],
    "shared_topics": [(PAPER[0], PAPER[n], 2, _weight(n)) for n in _RANGE[1:]],
    "cooccurrences": [(CONCEPT[0], CONCEPT[n], 3, _weight(n)) for n in _RANGE[1:]],
    "concept_months": [(CONCEPT[n], "2024-12", 1, _weight(n) / 8) for n in _RANGE],
    "communities": [(view, node, n % 4) for view, nodes in NODES.items() for n, node in enumerate(nodes)],
    # The last of each kind has no rank, the last but one no place: unknown values are left out.
    "ranks": [(view, node, n, _weight(n), Decimal("0.25")) for view, nodes in NODES.items() for n, node in enumerate(nodes[:-1])],
    "layout": [(view, node, 10 * n - 50, -7 * n) for view, nodes in NODES.items() for n, node in enumerate(nodes) if n != _N - 2],
}


def filled(*, shuffled: int | None = None, threads: int | None = None) -> Engine:
    """An engine with all tables, the rows in an order of chance if asked."""
    engine = Engine(threads=threads)
    for name, table in TABLES.items():
        engine.declare(name)
        rows = list(TABLE_ROWS[name])
        if shuffled is not None:
            random.Random(shuffled).shuffle(rows)
        engine.insert(name, [column.name for column in table.columns], rows)
    return engine


def legal(text: str) -> str:
    """Text as XML 1.0 (production 2, and 2.11 for line ends) can say it."""
    kept = "".join(c for c in text if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000")
    return kept.replace("\r\n", "\n").replace("\r", "\n")


def known(**attributes: Any) -> dict[str, Any]:
    """Attributes without the unknown, text made legal."""
    return {name: legal(value) if isinstance(value, str) else value for name, value in attributes.items() if value is not None}


def _measured(number: int, shift: int) -> dict[str, Any]:
    """The attributes that communities, ranks and layout give a node."""
    rank = {"degree": number, "strength": float(_weight(number)), "participation": 0.25} if number != _N - 1 else {}
    place = {"x": 10 * number - 50 + shift, "y": -7 * number} if number != _N - 2 else {}
    return {"community": number % 4, **rank, **place}


def expected_graph() -> Graph:
    """What view "all" must hold, from the Python values above."""
    left, right = -50, 10 * (_N - 1) - 50
    concepts_shift = right + 400 - left
    papers_shift = right + concepts_shift + 400 - left
    spans = [[date for date in (_issued(n), _issued((n - 1) % _N)) if date is not None] for n in _RANGE]
    nodes: dict[str, dict[str, Any]] = {}
    for n, (identifier, name, kind, orcid, papers) in enumerate(TABLE_ROWS["authors"]):
        first, last = (min(spans[n]), max(spans[n])) if spans[n] else (None, None)
        nodes[identifier] = known(kind="author", label=name, author_kind=kind, orcid=orcid, papers=papers, first=first, last=last) | _measured(n, 0)
    for n, (identifier, label, label_ko, kind, short, scheme, papers, first) in enumerate(TABLE_ROWS["concepts"]):
        nodes[identifier] = known(
            kind="concept",
            label=label or label_ko,
            label_ko=label_ko,
            concept_kind=kind,
            abbreviation=short,
            scheme=scheme,
            papers=papers,
            first=first,
        ) | _measured(n, concepts_shift)
    for n, (identifier, title, issued, arxiv, doi, url, venue, language, authors, complete) in enumerate(TABLE_ROWS["papers"]):
        nodes[identifier] = known(
            kind="paper", label=title, date=issued, arxiv_id=arxiv, doi=doi, url=url, venue=HOSTILE[6] if venue else None, language=language,
            authors=authors, byline_complete=complete, votes={0: 7, 1: 9}.get(n),
        ) | _measured(n, papers_shift)  # fmt: skip
    edges: dict[tuple[str, str], dict[str, Any]] = {}
    for source, target, papers, weight, first, last in TABLE_ROWS["coauthorships"]:
        edges[source, target] = known(kind="coauthorship", weight=float(weight), papers=papers, first=first, last=last)
    for paper, author, position, name in TABLE_ROWS["authorships"]:
        edges[author, paper] = known(kind="authorship", weight=1.0, position=position, name_as_written=name)
    for paper, concept, weight, main in TABLE_ROWS["paper_concepts"]:
        edges[concept, paper] = known(kind="subject", weight=float(weight), main=main)
    for source, target, concepts, weight in TABLE_ROWS["shared_topics"]:
        edges[source, target] = known(kind="shared-topics", weight=float(weight), concepts=concepts)
    return nodes, edges


def of(graph: nx.Graph) -> Graph:
    """A networkx graph's nodes and edges, the smaller id of an edge first."""
    assert type(graph) is nx.Graph
    return dict(graph.nodes(data=True)), {(min(u, v), max(u, v)): data for u, v, data in graph.edges(data=True)}


def _placed(attributes: dict[str, Any]) -> dict[str, Any]:
    """GEXF's picture of a node, y upwards, as the tables have it."""
    viz = attributes.pop("viz")
    assert viz["color"].keys() >= {"r", "g", "b"}
    if position := viz.get("position"):
        attributes |= {"x": int(position["x"]), "y": -int(position["y"])}
    return attributes


def graphml_by_networkx(path: Path) -> Graph:
    return of(nx.read_graphml(path))


def graphml_by_rustworkx(path: Path) -> Graph:
    [graph] = rustworkx.read_graphml(str(path))
    assert isinstance(graph, rustworkx.PyGraph)  # undirected
    nodes = {data.pop("id"): {name: value for name, value in data.items() if value is not None} for data in map(dict, graph.nodes())}
    ids = [data["id"] for data in graph.nodes()]
    edges = {(ids[u], ids[v]): {name: value for name, value in data.items() if value is not None} for u, v, data in graph.weighted_edge_list()}
    assert len(edges) == graph.num_edges()
    return nodes, edges


def gexf_by_networkx(path: Path) -> Graph:
    nodes, edges = of(nx.read_gexf(path))
    for data in edges.values():
        del data["id"]
    return {identifier: _placed(data) for identifier, data in nodes.items()}, edges


def gexf_by_elementtree(path: Path) -> Graph:
    space = "{http://www.gexf.net/1.2draft}"
    viz = "{http://www.gexf.net/1.2draft/viz}"
    parse: dict[str, Callable[[str], Any]] = {"string": str, "long": int, "double": float, "boolean": {"true": True, "false": False}.__getitem__}
    root = ElementTree.parse(path).getroot()
    assert (root.tag, root.get("version")) == (f"{space}gexf", "1.2")
    [graph] = root.findall(f"{space}graph")
    assert (graph.get("defaultedgetype"), graph.get("mode")) == ("undirected", "static")
    declared = {
        (group.get("class"), attribute.attrib["id"]): (attribute.attrib["title"], parse[attribute.attrib["type"]])
        for group in graph.findall(f"{space}attributes")
        for attribute in group
    }

    def attributes(element: ElementTree.Element, scope: str) -> dict[str, Any]:
        values = {}
        for value in element.iterfind(f"{space}attvalues/{space}attvalue"):
            name, convert = declared[scope, value.attrib["for"]]
            assert name not in values
            values[name] = convert(value.attrib["value"])
        return values

    nodes: dict[str, dict[str, Any]] = {}
    for node in graph.iterfind(f"{space}nodes/{space}node"):
        assert node.attrib["id"] not in nodes
        seen = {"label": node.attrib["label"], **attributes(node, "node")}
        [colour] = node.findall(f"{viz}color")
        assert all(0 <= int(colour.attrib[part]) <= 255 for part in "rgb")
        if (position := node.find(f"{viz}position")) is not None:
            seen |= {"x": int(float(position.attrib["x"])), "y": -int(float(position.attrib["y"]))}
            assert float(position.attrib["z"]) == 0
        nodes[node.attrib["id"]] = seen
    edges, ids = {}, set()
    for edge in graph.iterfind(f"{space}edges/{space}edge"):
        ids.add(edge.attrib["id"])
        ends = edge.attrib["source"], edge.attrib["target"]
        assert nodes.keys() >= set(ends)
        edges[ends] = {"weight": float(edge.attrib["weight"]), **attributes(edge, "edge")}
    assert len(ids) == len(edges)
    return nodes, edges


def nodelink_by_networkx(path: Path) -> Graph:
    return of(nx.node_link_graph(json.loads(path.read_text(encoding="utf-8")), edges="edges"))


def nodelink_by_json(path: Path) -> Graph:
    data = json.loads(path.read_text(encoding="utf-8"))
    assert (data["directed"], data["multigraph"], data["graph"]) == (False, False, {})
    nodes = {node.pop("id"): node for node in data["nodes"]}
    edges = {(edge.pop("source"), edge.pop("target")): edge for edge in data["edges"]}
    return nodes, edges


GRAPH_FORMATS = [
    pytest.param(write, read, id=read.__name__)
    for write, reads in (
        (write_graphml, (graphml_by_networkx, graphml_by_rustworkx)),
        (write_gexf, (gexf_by_networkx, gexf_by_elementtree)),
        (write_nodelink, (nodelink_by_networkx, nodelink_by_json)),
    )
    for read in reads
]


def typed(attributes: dict[str, Any]) -> dict[str, tuple[type, Any]]:
    """Attributes with their types, because True == 1 == 1.0."""
    return {name: (type(value), value) for name, value in attributes.items()}


@pytest.mark.parametrize(("write", "read"), GRAPH_FORMATS)
def test_a_graph_read_back_is_what_went_in(write: Callable[[Engine, Path], None], read: Callable[[Path], Graph], tmp_path: Path) -> None:
    with filled() as engine:
        write(engine, tmp_path / "graph")
    nodes, edges = read(tmp_path / "graph")
    expected_nodes, expected_edges = expected_graph()
    assert nodes.keys() == expected_nodes.keys()
    for identifier, attributes in expected_nodes.items():
        assert typed(nodes[identifier]) == typed(attributes), identifier
    assert edges.keys() == expected_edges.keys()
    for ends, attributes in expected_edges.items():
        assert typed(edges[ends]) == typed(attributes), ends


@pytest.mark.parametrize(("write", "read"), GRAPH_FORMATS)
def test_an_empty_graph_read_back_is_empty(write: Callable[[Engine, Path], None], read: Callable[[Path], Graph], tmp_path: Path) -> None:
    with Engine() as engine:
        for name in TABLES:
            engine.declare(name)
        write(engine, tmp_path / "graph")
    assert read(tmp_path / "graph") == ({}, {})


def in_order(name: str) -> Rows:
    """The rows of a table in the order of its key."""
    key = TABLES[name].key
    return sorted(TABLE_ROWS[name], key=lambda row: row[:key])


def _text(value: object) -> str | None:
    """A value as CSV says it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _scaled(name: str, row: Sequence[Any]) -> tuple[Any, ...]:
    """A row with its decimals at their column's scale, as CSV says them."""
    scales = [int(column.type[:-1].rpartition(",")[2]) if column.type.startswith("decimal") else None for column in TABLES[name].columns]
    return tuple(value if scale is None else round(Decimal(value), scale) for value, scale in zip(row, scales, strict=True))


def parquet_by_duckdb(path: Path) -> Rows:
    with Engine() as engine:
        return engine.rows("select * from read_parquet($path)", path=str(path))


def parquet_by_pyarrow(path: Path) -> Rows:
    return [tuple(row.values()) for row in pyarrow.parquet.read_table(path).to_pylist()]


@pytest.mark.parametrize("read", [parquet_by_duckdb, parquet_by_pyarrow])
def test_parquet_read_back_is_what_went_in_by_key(read: Callable[[Path], Rows], tmp_path: Path) -> None:
    with filled(shuffled=1) as engine:
        paths = write_parquet(engine, tmp_path / "parquet")
    assert [path.name for path in paths] == [f"{name}.parquet" for name in TABLES]
    for name, path in zip(TABLES, paths, strict=True):
        assert read(path) == in_order(name), name


def csv_by_duckdb(path: Path) -> Rows:
    with Engine() as engine:
        header, *rows = engine.rows(
            "select * from read_csv($path, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', columns = $columns)",
            path=str(path),
            columns={column.name: "varchar" for column in TABLES[path.stem].columns},
        )
    assert header == tuple(column.name for column in TABLES[path.stem].columns)
    return rows


def csv_by_python(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert header == [column.name for column in TABLES[path.stem].columns]
    return [tuple(cell or None for cell in row) for row in rows]


@pytest.mark.parametrize("read", [csv_by_duckdb, csv_by_python])
def test_csv_read_back_is_what_went_in_by_key(read: Callable[[Path], Rows], tmp_path: Path) -> None:
    with filled(shuffled=1) as engine:
        paths = write_csv(engine, tmp_path / "csv")
    assert [path.name for path in paths] == [f"{name}.csv" for name in TABLES]
    for name, path in zip(TABLES, paths, strict=True):
        assert read(path) == [tuple(map(_text, _scaled(name, row))) for row in in_order(name)], name
