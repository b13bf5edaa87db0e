"""The store of a folder: loaded on first need, asked in a child process that can be stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from small_graph import write_small_graph

import kg.store
from kg.errors import OutputError, QueryError, SchemaError
from kg.store import ask_store, ensure_store

EVERYTHING = "SELECT * WHERE { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . FILTER(STR(?a) > STR(?l) && STR(?b) < STR(?i)) }"


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _rows(folder: Path, query: str) -> list[dict[str, Any]]:
    return list(ask_store(folder, query))


# Running


def test_the_default_graph_is_the_union_unless_from_chooses(small: Path) -> None:
    everything = len(_rows(small, EVERYTHING))
    assert everything == _lines(small / "kg.nq")
    trends = len(_rows(small, "SELECT * FROM <graph/trends> WHERE { ?s ?p ?o }"))
    assert 0 < trends < everything
    # FROM in a string, a comment, an IRI or a name chooses nothing.
    decoy = (
        "# FROM <graph/trends>\nPREFIX from: <https://from.example/from#> "
        'SELECT * WHERE { ?s ?p ?from . FILTER("a FROM b" != from:x && ?p != <urn:x:from>) }'
    )
    assert len(_rows(small, decoy)) == everything


def test_prefixes_and_the_base_are_known(small: Path) -> None:
    assert _rows(small, "SELECT ?l { <author/ziteng-wang> a foaf:Person ; rdfs:label ?l }") == [{"l": "Ziteng Wang"}]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?x {\n ?x a }", "query:2:8: not SPARQL: expected one of FILTER, SELECT, VALUES"),
        ("SELECT ?y (COUNT(?x) AS ?n) { ?x ?p ?z } GROUP BY ?x", "unbound"),
        ("nonsense", "query:1:"),
        ("ASK { ?s <http://a b> ?o }", "query:1:"),
        ('ASK { ?s ?p "http://a }', "query:1:"),
    ],
)
def test_what_is_no_sparql_is_told_in_one_line_with_its_place(query: str, message: str, small: Path) -> None:
    with pytest.raises(QueryError) as caught:
        ask_store(small, query)
    assert message in str(caught.value)
    assert re.fullmatch(r"query:\d+:\d+: not SPARQL: [^\n]{3,250}", str(caught.value))


def test_an_update_is_no_query(small: Path) -> None:
    for update in ("DELETE WHERE { ?s ?p ?o }", "PREFIX a: <urn:a> # x\nINSERT DATA { a:b a:c a:d }", "LOAD <urn:x>", "clear all", "DROP ALL"):
        with pytest.raises(QueryError, match="this is an update; kg only reads"):
            ask_store(small, update)
    assert len(_rows(small, EVERYTHING)) > 100


@pytest.mark.parametrize("query", ["", " \n", "# nothing", "PREFIX a: <urn:a>"])
def test_an_empty_query_is_said_to_be_empty(query: str, small: Path) -> None:
    with pytest.raises(QueryError, match="the query is empty"):
        ask_store(small, query)


@pytest.mark.parametrize(
    ("query", "prefix"),
    [("SELECT * { ?x foo:bar ?y }", "foo:"), ("SELECT * { ?x a :b }", ":"), ("SELECT * { ?x foaf:name ?n ; a gnu:x }", "gnu:")],
)
def test_an_unknown_prefix_is_named_with_the_known_ones(query: str, prefix: str, small: Path) -> None:
    with pytest.raises(QueryError, match=rf"^query:1:\d+: unknown prefix '{prefix}'; known: cito, dcat, .*xsd$"):
        ask_store(small, query)


def test_the_time_limit_stops_a_query_and_its_process(small: Path) -> None:
    before = _children()
    began = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.5 s"):
        ask_store(small, ENDLESS, timeout_s=0.5)
    assert time.monotonic() - began < 5
    assert _children() == before


def test_ctrl_c_stops_a_query_and_its_process(small: Path) -> None:
    before = _children()
    timer = threading.Timer(0.7, signal.raise_signal, (signal.SIGINT,))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            ask_store(small, ENDLESS, timeout_s=30)
    finally:
        timer.cancel()
    assert _children() == before


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks into /proc")
def test_a_query_whose_parent_was_killed_ends_by_itself(small: Path) -> None:
    code = f"from pathlib import Path\nfrom kg.store import ask_store\nask_store(Path({str(small)!r}), {ENDLESS!r}, timeout_s=1)"
    parent = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        deadline = time.monotonic() + 10
        while not (orphans := _children(parent.pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert orphans
    finally:
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 20
    while any(_runs(pid) for pid in orphans) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = [pid for pid in orphans if _runs(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


def _runs(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _children(of: int | None = None) -> set[int]:
    """The processes that one has started and that still run."""
    of = os.getpid() if of is None else of
    found = set()
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if f"\nPPid:\t{of}\n" in text:
            found.add(int(status.parent.name))
    return found


def test_a_query_runs_from_a_program_without_a_main_guard(small: Path, tmp_path: Path) -> None:
    """As multiprocessing would not: it imports the program again in the child."""
    program = tmp_path / "program.py"
    program.write_text(
        f"from pathlib import Path\nfrom kg.store import ask_store\nprint(ask_store(Path({str(small)!r}), 'ASK {{ ?s ?p ?o }}').boolean)\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "True\n"


# The store


@pytest.fixture
def unloaded(tmp_path: Path) -> Path:
    return write_small_graph(tmp_path)


def test_the_store_is_loaded_on_first_need_and_says_how_far_it_is(unloaded: Path) -> None:
    steps: list[tuple[str, int, int | None]] = []
    ensure_store(unloaded, progress=lambda *step: steps.append(step))
    size = (unloaded / "kg.nq").stat().st_size
    assert steps[-1] == ("store", size, size)
    assert len(_rows(unloaded, EVERYTHING)) == _lines(unloaded / "kg.nq")
    assert sorted(path.name for path in unloaded.iterdir()) == ["kg.duckdb", "kg.nq", "store"]


def test_a_broken_kg_nq_is_told_and_leaves_no_litter(unloaded: Path) -> None:
    with (unloaded / "kg.nq").open("a") as file:
        file.write("not a quad\n")
    with pytest.raises(SchemaError, match=rf"^kg\.nq:{_lines(unloaded / 'kg.nq')}: no N-Quads"):
        ask_store(unloaded, EVERYTHING)
    assert sorted(path.name for path in unloaded.iterdir()) == ["kg.duckdb", "kg.nq"]


def test_a_folder_without_a_graph_and_a_broken_store_are_told(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no graph here"):
        ask_store(tmp_path, EVERYTHING)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "CURRENT").write_text("nothing\n")
    with pytest.raises(SchemaError, match="the store cannot be opened"):
        ask_store(tmp_path, EVERYTHING)


def test_querying_leaves_the_folder_as_it_was(small: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(small.rglob("*"))}
    _rows(small, EVERYTHING)
    assert {path: path.stat().st_mtime_ns for path in sorted(small.rglob("*"))} == before


def test_a_child_that_is_killed_is_told_as_what_failed(unloaded: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system does when memory runs out; a load that was ended is no fault of a query."""
    monkeypatch.setattr(kg.store, "_CHILD", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(QueryError, match=r"ended by signal 9 \(SIGKILL\); if memory ran out, ask for less"):
        ask_store(small, EVERYTHING)
    with pytest.raises(OutputError, match=r"ended by signal 9 \(SIGKILL\); if memory ran out, make room .*--no-store"):
        ensure_store(unloaded)
    assert sorted(path.name for path in unloaded.iterdir()) == ["kg.duckdb", "kg.nq"]


def test_a_build_loads_its_store_in_a_child_process_and_says_how_far_it_is(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store takes hundreds of megabytes while it is loaded, and the building process would keep them."""
    from kg.pipeline import Options, build

    monkeypatch.setattr(pyoxigraph, "Store", None)  # the child has its own
    steps: list[tuple[str, int, int | None]] = []
    options = Options(inputs=(root / "seeds" / "digests" / "2024-12-25.md",), formats=("nq",), store=True)
    summary = build(tmp_path / "out", options, progress=lambda *step: steps.append(step))
    size = (tmp_path / "out" / "kg.nq").stat().st_size
    assert ("store", size, size) in steps
    assert summary.seconds["store"] > 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.name.startswith((".store", "store"))) == ["store"]


# What is left behind


def test_a_load_that_was_killed_ends_and_is_cleared_by_the_next(tmp_path: Path) -> None:
    folder = write_small_graph(tmp_path)
    line = '<http://a/s> <http://a/p> "%d" <http://a/g> .\n'
    (folder / "kg.nq").write_text("".join(line % number for number in range(1_000_000)))
    parent = subprocess.Popen([sys.executable, "-c", f"import pathlib, kg.store; kg.store.ensure_store(pathlib.Path({str(folder)!r}))"])
    try:
        _until(lambda: list(folder.glob(".store.*.kg-aside/store/*")))
        [child] = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        # One that is held is left alone.
        with kg.store._held_aside(folder):
            assert len(list(folder.glob(".store.*"))) == 2
    finally:
        parent.kill()
        parent.wait()
    _until(lambda: not Path(f"/proc/{child}").exists() or ") Z " in Path(f"/proc/{child}/stat").read_text())
    assert len(list(folder.glob(".store.*"))) == 1
    (folder / "kg.nq").write_text(line % 1)
    ensure_store(folder)
    assert not list(folder.glob(".store.*"))


def _until(true: Any) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_file_in_the_place_of_the_store_is_said(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("mine")
    with pytest.raises(SchemaError, match="store: is a file, not a store"):
        ensure_store(tmp_path)
