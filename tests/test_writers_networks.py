"""The networkx graphs, and the files made of them piece by piece. What stands in the files: test_writers_contract.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_writers_contract import (
    AUTHOR,
    CONCEPT,
    GRAPH_FORMATS,
    PAPER,
    TABLE_ROWS,
    Graph,
    expected_graph,
    filled,
    gexf_by_networkx,
    graphml_by_networkx,
    legal,
    nodelink_by_json,
    of,
    typed,
)

from kg.engine import Engine
from kg.errors import LookupFailed, OutputError
from kg.tables import TABLES
from kg.writers import networks
from kg.writers.networks import networkx_graph, write_gexf, write_graphml, write_nodelink

WRITERS = (write_graphml, write_gexf, write_nodelink)
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


def test_the_whole_graph_holds_what_went_in_with_types_and_in_the_order_of_ids() -> None:
    with filled(shuffled=3) as engine:
        graph = networkx_graph(engine)
    nodes, edges = of(graph)
    expected_nodes, expected_edges = expected_graph()
    assert {identifier: typed(data) for identifier, data in nodes.items()} == {k: typed(v) for k, v in expected_nodes.items()}
    assert {ends: typed(data) for ends, data in edges.items()} == {k: typed(v) for k, v in expected_edges.items()}
    assert list(graph) == sorted(AUTHOR + CONCEPT + PAPER)


@pytest.mark.parametrize(
    ("view", "nodes", "table"),
    [("coauthors", AUTHOR, "coauthorships"), ("papers", PAPER, "shared_topics"), ("concepts", CONCEPT, "cooccurrences")],
)
def test_a_view_has_the_nodes_of_one_kind_and_the_edges_of_one_table(view: str, nodes: list[str], table: str) -> None:
    with filled() as engine:
        graph = networkx_graph(engine, view)
    assert type(graph) is nx.Graph
    assert list(graph) == nodes
    weights = [column.name for column in TABLES[table].columns].index("weight")
    assert [(u, v, data["weight"]) for u, v, data in graph.edges(data=True)] == [(row[0], row[1], float(row[weights])) for row in TABLE_ROWS[table]]
    assert graph.nodes[nodes[0]]["x"] == -50  # one picture alone is not shifted


def test_an_unknown_view_lists_the_known_ones() -> None:
    with filled() as engine, pytest.raises(LookupFailed, match="no view 'people'; known: all, coauthors, papers, concepts") as caught:
        networkx_graph(engine, "people")
    assert caught.value.choices == ("all", "coauthors", "papers", "concepts")


def test_the_pictures_of_the_whole_graph_stand_side_by_side() -> None:
    with filled() as engine:
        graph = networkx_graph(engine)
    spans = []
    for kind in ("author", "concept", "paper"):
        xs = [data["x"] for _, data in graph.nodes(data=True) if data["kind"] == kind and "x" in data]
        spans.append((min(xs), max(xs)))
    assert all(left[1] < right[0] for left, right in pairwise(spans)), spans


@pytest.mark.parametrize(
    ("write", "read", "write_by_networkx"),
    [(write_graphml, graphml_by_networkx, nx.write_graphml_xml), (write_gexf, gexf_by_networkx, nx.write_gexf)],
)
def test_a_file_of_pieces_holds_what_networkx_writes_in_one(
    write: Callable[[Engine, Path], None],
    read: Callable[[Path], Graph],
    write_by_networkx: Callable[[nx.Graph, Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(networks, "_PIECE", 5)
    with filled() as engine:
        write(engine, tmp_path / "pieces")
        graph = networkx_graph(engine)
    if write is write_gexf:
        for data in graph.nodes.values():
            data["viz"] = {"color": {"r": 0, "g": 0, "b": 0}}
            if "x" in data:
                data["viz"]["position"] = {"x": float(data.pop("x")), "y": float(-data.pop("y")), "z": 0.0}
    write_by_networkx(graph, tmp_path / "one")
    assert read(tmp_path / "pieces") == read(tmp_path / "one")


@pytest.mark.parametrize("write", WRITERS)
def test_the_size_of_the_pieces_does_not_change_the_file(
    write: Callable[[Engine, Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled() as engine:
        write(engine, tmp_path / "whole")
        monkeypatch.setattr(networks, "_PIECE", 3)
        write(engine, tmp_path / "pieces")
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "pieces").read_bytes()


@pytest.mark.parametrize("write", WRITERS)
def test_the_same_tables_give_the_same_bytes_in_any_order_and_with_any_threads(write: Callable[[Engine, Path], None], tmp_path: Path) -> None:
    with filled(threads=1) as engine:
        write(engine, tmp_path / "first")
    for seed in (1, 2):
        with filled(shuffled=seed, threads=2) as engine:
            write(engine, tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == (tmp_path / "first").read_bytes()


def test_the_same_tables_give_the_same_bytes_under_any_hash_seed(tmp_path: Path, root: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from test_writers_contract import filled; from kg.writers.networks import *\n"
        "folder = Path(sys.argv[1]); folder.mkdir()\n"
        "with filled(shuffled=1) as engine:\n"
        "    write_graphml(engine, folder / 'graphml'); write_gexf(engine, folder / 'gexf'); write_nodelink(engine, folder / 'nodelink')\n"
    )
    seen = set()
    for seed in "012":
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
        subprocess.run([sys.executable, "-c", script, str(tmp_path / seed)], env=environment, check=True)
        seen.add(tuple((tmp_path / seed / name).read_bytes() for name in ("graphml", "gexf", "nodelink")))
    assert len(seen) == 1


def test_gexf_says_nothing_of_the_day_it_was_written(tmp_path: Path) -> None:
    with filled() as engine:
        write_gexf(engine, tmp_path / "kg.gexf")
    meta = ElementTree.parse(tmp_path / "kg.gexf").getroot().find("{http://www.gexf.net/1.2draft}meta")
    assert meta is not None
    assert meta.attrib == {}


def test_each_graphml_key_has_one_name_scope_and_type(tmp_path: Path) -> None:
    with filled() as engine:
        write_graphml(engine, tmp_path / "kg.graphml")
    keys = [key.attrib for key in ElementTree.parse(tmp_path / "kg.graphml").getroot().iter(f"{GRAPHML}key")]
    assert len({key["id"] for key in keys}) == len({(key["for"], key["attr.name"]) for key in keys}) == len(keys) > 20
    assert {key["attr.type"] for key in keys} == {"string", "long", "double", "boolean"}


def test_text_of_which_nothing_legal_is_left_is_unknown(tmp_path: Path) -> None:
    with filled() as engine:
        engine.run("update authors set name = '\x00\x08' where author_id = $id", id=AUTHOR[0])
        write_graphml(engine, tmp_path / "kg.graphml")
        graph = networkx_graph(engine, "coauthors")
    assert "label" not in graph.nodes[AUTHOR[0]]
    assert "label" not in nx.read_graphml(tmp_path / "kg.graphml").nodes[AUTHOR[0]]


@pytest.fixture(scope="module")
def one_author() -> Iterator[Engine]:
    with Engine() as engine:
        for name in TABLES:
            engine.declare(name)
        yield engine


@settings(deadline=None, max_examples=15)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_comes_back_from_every_format_as_xml_can_say_it(one_author: Engine, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("text")
    name = f"|{text}|"  # never empty
    one_author.run("delete from authors")
    one_author.run("insert into authors values ('author/a', $name, 'person', null, 1)", name=name)
    for write in WRITERS:
        write(one_author, folder / write.__name__)
    for parameter in GRAPH_FORMATS:
        write, read = parameter.values
        assert read(folder / write.__name__)[0]["author/a"]["label"] == legal(name), parameter.id


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_that_cannot_be_written_is_named(write: Callable[[Engine, Path], None], tmp_path: Path) -> None:
    with filled() as engine, pytest.raises(OutputError, match=r"cannot write kg\.out: No such file or directory"):
        write(engine, tmp_path / "missing" / "kg.out")


def chain(authors: int) -> Engine:
    """Authors of whom each wrote with the three next."""
    engine = Engine(threads=1)
    for name in TABLES:
        engine.declare(name)
    engine.run("insert into authors select format('author/{:06d}', i), 'Some Name', 'person', null, 1 from range($n) r(i)", n=authors)
    engine.run(
        "insert into coauthorships select format('author/{:06d}', i), format('author/{:06d}', i + step), 1, 0.5, '2024-12', '2024-12' "
        "from range($n) r(i), range(1, 4) s(step) where i + step < $n",
        n=authors,
    )
    return engine


@pytest.mark.parametrize("write", WRITERS)
def test_memory_does_not_grow_with_the_graph(write: Callable[[Engine, Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "_PIECE", 200)
    peaks = []
    for authors in (500, 2_000):
        with chain(authors) as engine:
            write(engine, tmp_path / "warm")
            tracemalloc.start()
            write(engine, tmp_path / "graph")
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0], peaks


def test_every_attribute_is_in_the_documentation(root: Path) -> None:
    documented = set(re.findall(r"`([a-z_]+)`", (root / "docs" / "exports.md").read_text(encoding="utf-8")))
    nodes, edges = expected_graph()
    used = {name for data in (*nodes.values(), *edges.values()) for name in data}
    assert used <= documented, used - documented


def test_node_link_json_is_a_node_or_an_edge_a_line(tmp_path: Path) -> None:
    with filled() as engine:
        write_nodelink(engine, tmp_path / "kg.json")
    nodes, edges = nodelink_by_json(tmp_path / "kg.json")
    text = (tmp_path / "kg.json").read_bytes()
    assert text.count(b"\n") == len(nodes) + len(edges) + 3
    assert "한국어".encode() in text  # and is read by people
