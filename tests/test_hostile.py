"""Hostile text goes in at one end and comes out unchanged at every other."""

from __future__ import annotations

import csv
import json
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pyoxigraph
import pytest
import rdflib

from kg.check import check
from kg.engine import Engine
from kg.graph import Graph
from kg.pipeline import Options, build
from kg.readers.text import clean_line
from kg.writers import FORMATS, RDF_FORMATS, write

TITLES = [
    "<script>alert(1)</script>",
    '"; DROP TABLE papers; --',
    'back\\slash \\n \\u0022 and \'quotes\' """',
    "]]> <!-- & &amp; -->",
    "right\u202eto left\u202c and\u2028line\u2029ends",
    "emoji 🙂👩‍💻 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "nul\x00 bell\x07 back\x08 form\x0c",
    "=1+1",
    "{{ 7*7 }} ${7*7} %s %(x)s",
    "x" * 10_000,
    "한국어 제목 É é ﬁ ½",
]
NAMES = ["../../x", ":", "<b>Bo</b> Li", '"; DROP', "=cmd|' /C calc'!A0", "Ann\u202e Ace", "Łukasz 🙂 O'Neil-Śmith"]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """A graph of a digest and a snapshot of nothing but such text."""
    folder = tmp_path_factory.mktemp("hostile")
    digest = ["## Daily Papers (2024-12-25)", ""]
    for number, title in enumerate(TITLES, 1):
        digest += [f"### [{title}](https://arxiv.org/abs/2412.0{number:04d})", "", f"Vote: {number}", "", f"Authors: {', '.join(NAMES)}", ""]
        digest += [f"- **What's New**: 요약 {title} 지식 그래프(Knowledge Graph; KG)를 쓴다.", ""]
    (folder / "a.md").write_text("\n".join(digest), encoding="utf-8")
    lines = [
        {"id": f"2411.0{number:04d}", "title": title, "abstract": f"We study {title} here.\n", "categories": "cs.CL",
         "authors_parsed": [["Li", name, ""] for name in NAMES]}
        for number, title in enumerate(TITLES, 1)
    ]  # fmt: skip
    (folder / "b.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    build(folder / "out", Options(inputs=(folder,), formats=(), store=True))
    with Graph(folder / "out") as graph:
        yield graph


def expected() -> list[str]:
    """The titles as the one door lets them in (kg.readers.text), each once from either source."""
    return sorted(2 * [clean_line(title) for title in TITLES])


def test_the_door_changes_nothing_but_what_xml_forbids_and_composition() -> None:
    for title in TITLES:
        kept = "".join(c for c in title if c not in "\x00\x07\x08\x0c")
        assert clean_line(title).replace(" ", "") == unicodedata.normalize("NFC", kept).replace(" ", "")


def test_the_tables_hold_it(hostile: Graph) -> None:
    assert sorted(title for (title,) in hostile.engine.rows("select title from papers")) == expected()
    assert hostile.engine.value("select count(*) from authors where name = '../../x'") == 1


def test_nothing_is_wrong_with_the_graph(hostile: Graph) -> None:
    assert [str(found) for found in check(hostile.folder) if found.severity == "violation"] == []


@pytest.mark.parametrize("form", RDF_FORMATS)
def test_rdf_holds_it_in_every_format(hostile: Graph, form: str, tmp_path: Path) -> None:
    path = tmp_path / FORMATS[form]
    write(form, hostile.engine, hostile.folder / "kg.nq", path)
    with path.open("rb") as file:
        title = "http://purl.org/dc/terms/title"
        quads = pyoxigraph.parse(file, format=pyoxigraph.RdfFormat.from_extension({"rdfxml": "rdf"}.get(form, form)))
        assert sorted(quad.object.value for quad in quads if quad.predicate.value == title and "/paper/" in quad.subject.value) == expected()
    names = {"nq": "nquads", "jsonld": "json-ld", "rdfxml": "xml", "ttl": "turtle"}
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(path, format=names.get(form, form))
    assert sorted(str(value) for subject, value in dataset.subject_objects(rdflib.DCTERMS.title) if "/paper/" in str(subject)) == expected()


def test_the_store_holds_it(hostile: Graph) -> None:
    assert sorted(row["t"] for row in hostile.query("SELECT ?t { ?p a schema:ScholarlyArticle ; dcterms:title ?t }")) == expected()


@pytest.mark.parametrize("title", [clean_line(title) for title in TITLES if len(title) < 1000])
def test_a_query_parameter_cannot_break_out(hostile: Graph, title: str) -> None:
    rows = list(hostile.query("what-a-source-said", source=title))
    assert rows == []
    rows = list(
        hostile.query('SELECT ?p {\n  VALUES ?t { "x" }\n  ?p a schema:ScholarlyArticle ; rdfs:label ?label . FILTER(STR(?label) = ?t)\n}', t=title)
    )
    assert len(rows) == 2


@pytest.mark.parametrize("form", ["graphml", "gexf", "nodelink"])
def test_graph_formats_hold_it(hostile: Graph, form: str, tmp_path: Path) -> None:
    path = tmp_path / FORMATS[form]
    write(form, hostile.engine, hostile.folder / "kg.nq", path)
    if form == "nodelink":
        graph = nx.node_link_graph(json.loads(path.read_text(encoding="utf-8")), edges="edges")
    else:
        graph = nx.read_graphml(path) if form == "graphml" else nx.read_gexf(path)
    assert sorted(data["label"] for node, data in graph.nodes(data=True) if node.startswith("paper/")) == expected()


def test_csv_and_parquet_hold_it(hostile: Graph, tmp_path: Path) -> None:
    csv.field_size_limit(sys.maxsize)
    write("csv", hostile.engine, hostile.folder / "kg.nq", tmp_path / "csv")
    with (tmp_path / "csv" / "papers.csv").open(encoding="utf-8", newline="") as file:
        assert sorted(row["title"] for row in csv.DictReader(file)) == expected()
    write("parquet", hostile.engine, hostile.folder / "kg.nq", tmp_path / "parquet")
    with Engine() as engine:
        path = str(tmp_path / "parquet" / "papers.parquet")
        assert sorted(title for (title,) in engine.rows("select title from read_parquet($path)", path=path)) == expected()


def test_csv_for_spreadsheets_holds_no_formula(hostile: Graph, tmp_path: Path) -> None:
    write("csv", hostile.engine, hostile.folder / "kg.nq", tmp_path / "csv", formula_safe=True)
    with (tmp_path / "csv" / "authors.csv").open(encoding="utf-8", newline="") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    assert "'=cmd|' /C calc'!A0" in names
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)


def test_the_page_holds_it_as_text(hostile: Graph, tmp_path: Path) -> None:
    """What a browser makes of it is tested in test_page; here, that no markup of a source is markup of the page."""
    write("html", hostile.engine, hostile.folder / "kg.nq", tmp_path / "kg.html")
    text = (tmp_path / "kg.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in text
    assert "<b>Bo</b>" not in text
    assert "\\u003cscript\\u003ealert(1)" in text
