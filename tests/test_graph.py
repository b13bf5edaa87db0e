"""The graph object: what a library user holds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib

import kg
from kg.errors import LookupFailed, MissingExtraError, QueryError, SchemaError
from kg.graph import Graph


@pytest.fixture(scope="module")
def graph(built: Path) -> Iterator[Graph]:
    with kg.load(built) as graph:
        yield graph


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("author/aman-chadha", "author/aman-chadha"),
        ("aman-chadha", "author/aman-chadha"),
        ("AMAN  chadha", "author/aman-chadha"),
        ("Jong-Chul Ye", "author/jongchul-ye"),
        ("2412.14711", "paper/arxiv:2412.14711"),
        ("https://arxiv.org/abs/2412.14711v2", "paper/arxiv:2412.14711"),
        ("fourier  position embedding enhancing attention's periodic extension for length generalization", "paper/arxiv:2412.17739"),
        ("<author/aman-chadha>", "author/aman-chadha"),
        ("<https://kg.example/author/aman-chadha>", "author/aman-chadha"),
        ("https://kg.example/paper/arxiv:2412.14711", "paper/arxiv:2412.14711"),
        ("concept/mixture-of-experts", "concept/mixture-of-experts"),
        ("mixture of experts", "concept/mixture-of-experts"),
        ("MoE", "concept/mixture-of-experts"),
    ],
)
def test_a_thing_is_found_in_any_spelling(graph: Graph, name: str, expected: str) -> None:
    assert graph.find(name) == expected


def test_an_unknown_name_offers_near_ones(graph: Graph) -> None:
    with pytest.raises(LookupFailed, match="unknown name 'Aman Chada'; near: Aman Chadha") as caught:
        graph.find("Aman Chada")
    assert not caught.value.ambiguous
    with pytest.raises(LookupFailed, match="unknown name ' '"):
        graph.find(" ")


def test_a_name_of_two_things_lists_them(graph: Graph) -> None:
    """Whatever two concepts share a label, the label alone does not choose between them."""
    rows = graph.engine.rows(
        """
        select min(label), list(distinct concept_id order by concept_id) from concept_labels
        where kind <> 'preferred' and lower(label) not in (select lower(label) from concept_labels where kind = 'preferred')
        group by lower(label) having count(distinct concept_id) > 1 order by 1 limit 1
        """
    )
    if not rows:
        graph = _two_concepts_of_one_label()
        rows = [("AE", ["concept/a", "concept/b"])]
    label, ids = rows[0]
    with pytest.raises(LookupFailed, match="ambiguous") as caught:
        graph.find(label, kind="concept")
    assert set(ids) <= set(caught.value.choices)
    assert caught.value.ambiguous


def _two_concepts_of_one_label() -> Graph:
    from kg.engine import Engine

    graph = Graph.__new__(Graph)
    graph._engine = Engine()
    for name in ("aliases", "concepts", "concept_labels"):
        graph._engine.declare(name)
    for concept in ("concept/a", "concept/b"):
        graph._engine.run("insert into concept_labels values ($concept, 'en', 'AE', 'alternative', 1)", concept=concept)
    return graph


def test_tables_are_relations_and_an_unknown_one_is_said(graph: Graph) -> None:
    assert graph.tables.papers.count("*").fetchall() == [(120,)]
    assert "coauthorships" in dir(graph.tables)
    with pytest.raises(AttributeError, match="no table 'paper'; there are sources, records"):
        _ = graph.tables.paper


def test_an_answer_is_rows_and_an_arrow_table(graph: Graph) -> None:
    rows = list(graph.query("papers-by-author", author="aman chadha"))
    assert len(rows) == 4
    assert {row["date"][:4] for row in rows} <= {"2024", "2025"}
    assert graph.query("papers-by-author", author="aman chadha").to_arrow().column_names == list(rows[0])


def test_a_data_frame_without_pandas_says_what_to_install(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"needs pandas; install it with: pip install 'paperkg\[pandas\]'"):
        graph.query("digests").to_pandas()


def test_rdf_is_the_union_and_read_only(graph: Graph) -> None:
    dataset = graph.rdf()
    row = next(iter(dataset.query("select (count(*) as ?n) { ?p a <https://schema.org/ScholarlyArticle> }")))
    assert int(row[0]) == 120  # type: ignore[index]
    name = rdflib.URIRef("https://kg.example/x")
    with pytest.raises(RuntimeError, match="read-write"):
        dataset.graph(name).add((name, name, name))


def test_networkx_has_names_weights_and_dates(graph: Graph) -> None:
    coauthors = graph.networkx("coauthors")
    assert (coauthors.number_of_nodes(), coauthors.number_of_edges()) == (959, 7293)
    assert coauthors.nodes["author/aman-chadha"]["label"] == "Aman Chadha"
    edge = coauthors.edges["author/aman-chadha", "author/vinija-jain"]
    assert edge["papers"] == 3
    assert edge["first"] <= edge["last"]


def test_a_view_is_a_pyvis_network(graph: Graph, tmp_path: Path) -> None:
    from pyvis.network import Network

    view = graph.view("Aman Chadha", depth=1)
    assert isinstance(view, Network)
    assert 5 < view.num_nodes() < 400
    assert "Aman Chadha" in view.generate_html()


def test_a_folder_without_a_graph_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no graph there; make one with: kg build"):
        kg.load(tmp_path)


def test_a_parameter_may_have_any_name_and_an_unknown_one_is_refused(graph: Graph) -> None:
    for name in ("self", "name_or_sparql", "timeout_s", "parameters"):
        with pytest.raises(QueryError, match=f"no parameter '{name}' in this query; known: author"):
            graph.ask("papers-by-author", {name: "1"})


def test_a_name_that_is_no_text_is_unknown(graph: Graph) -> None:
    with pytest.raises(LookupFailed, match="unknown name"):
        graph.find("\udcff")
