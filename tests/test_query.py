"""The shipped queries, their parameters, the child process, and the forms of answers.

The rule by which two engines agree: the rows as a list, in the order of ORDER BY, each a tuple of terms in which numbers are
compared by value (to nine decimals), text by its characters and its language, IRIs as they are, and unbound as unbound.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from small_graph import write_small_graph

from kg.errors import QueryError, SchemaError
from kg.query import (
    PREFIXES,
    Answer,
    ensure_store,
    find,
    parse_query,
    run,
    shipped,
    with_parameters,
    write_terms,
)

QUERIES = shipped()
NAMES = (
    "ambiguous-names concept-by-label concept-by-month concepts-with-concept digests evidence experts-on-concept new-concepts papers-by-author "
    "papers-of-digest papers-on-concept people-to-meet rising-concepts second-step-coauthors strongest-coauthors what-a-source-said why-related"
).split()
EVERYTHING = "SELECT * WHERE { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . FILTER(STR(?a) > STR(?l) && STR(?b) < STR(?i)) }"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small graph, with its store."""
    folder = write_small_graph(tmp_path_factory.mktemp("small"))
    ensure_store(folder)
    return folder


@pytest.fixture(scope="session")
def small_rdflib(small: Path) -> rdflib.Dataset:
    return _rdflib(small / "kg.nq")


def _rdflib(nquads: Path) -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=True)
    with nquads.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # RDFLib uses what it deprecates
        dataset.parse(file, format="nquads")
    return dataset


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _rows(folder: Path, query: str) -> list[dict[str, Any]]:
    with run(folder, query) as answer:
        return list(answer)


def _canonical_oxigraph(term: Any) -> Any:
    if term is None:
        return None
    if isinstance(term, pyoxigraph.NamedNode):
        return ("iri", term.value)
    return _canonical_literal(term.value, term.language, term.datatype.value)


def _canonical_rdflib(term: Any) -> Any:
    if term is None:
        return None
    if isinstance(term, rdflib.URIRef):
        return ("iri", str(term))
    return _canonical_literal(str(term), term.language, str(term.datatype or PREFIXES["xsd"] + "string"))


def _canonical_literal(text: str, language: str | None, datatype: str) -> Any:
    kind = datatype.removeprefix(PREFIXES["xsd"])
    if kind in ("integer", "decimal", "nonNegativeInteger", "double"):
        return ("number", round(Decimal(text), 9))
    return (kind if language is None else "text", text, (language or "").lower())


def _agree(folder: Path, dataset: rdflib.Dataset, query: str) -> list[Any]:
    with run(folder, query) as answer:
        ours = [tuple(map(_canonical_oxigraph, row)) for row in answer.terms()]
        variables = list(answer.variables)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        result = dataset.query(query)
        theirs = [tuple(map(_canonical_rdflib, row)) for row in result]
    assert [str(variable) for variable in result.vars or []] == variables
    assert ours == theirs
    return ours


def test_the_seventeen_queries_are_shipped() -> None:
    assert list(QUERIES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_rdflib_and_oxigraph_give_the_same_rows_and_some(name: str, small: Path, small_rdflib: rdflib.Dataset) -> None:
    assert _agree(small, small_rdflib, QUERIES[name].text)


@pytest.mark.parametrize("name", NAMES)
def test_every_query_orders_its_rows_wholly(name: str, small: Path) -> None:
    """Rows that an ORDER BY leaves tied would come in an order that the engine chooses."""
    text = QUERIES[name].text
    order = text.rpartition("ORDER BY")[2]
    ordered = set(re.findall(r"\?(\w+)", order))
    assert ordered, "no ORDER BY"
    with run(small, text) as answer:
        rows = [tuple(row[name] for name in answer.variables if name in ordered) for row in answer]
    assert len(set(rows)) == len(rows)
    assert not re.search(r"GROUP_CONCAT|SAMPLE", text, re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_every_query_is_told_in_its_header_and_needs_no_prefixes_of_ours(name: str) -> None:
    query = QUERIES[name]
    assert query.summary and query.description
    for parameter in query.parameters:
        assert parameter.description
        assert parameter.example
    pyoxigraph.Store().query(query.text)  # without our PREFIXES: the file must stand alone, as it does at any endpoint


@pytest.mark.parametrize("name", NAMES)
def test_every_query_answers_on_the_seeds_the_same_in_both_engines(name: str, built: Path, built_rdflib: rdflib.Dataset) -> None:
    assert _agree(built, built_rdflib, QUERIES[name].text)


@pytest.fixture(scope="session")
def built_rdflib(built: Path) -> rdflib.Dataset:
    return _rdflib(built / "kg.nq")


def test_the_queries_are_documented(root: Path) -> None:
    text = (root / "docs" / "queries.md").read_text(encoding="utf-8")
    for query in QUERIES.values():
        assert f"### {query.name}\n" in text
        section = text.partition(f"### {query.name}\n")[2].partition("\n### ")[0]
        assert query.summary in section
        assert query.description in section
        for parameter in query.parameters:
            assert f"- `{parameter.name}`: {parameter.description}" in section


# What the answers are


def test_papers_of_a_digest_come_by_votes_and_those_without_votes_last(small: Path) -> None:
    rows = _rows(small, find("papers-of-digest"))
    assert [(row["votes"], row["title"]) for row in rows] == [(7, "ReMoE"), (None, 'A Second "Look" at <Experts>')]


def test_a_coauthors_weight_is_stated_with_each_shared_paper(small: Path) -> None:
    rows = _rows(small, find("strongest-coauthors"))
    assert [(row["coauthor"], row["weight"], row["title"]) for row in rows][:2] == [
        ("Gemma Team", Decimal(1), "Early Models"),
        ("Jianfei Chen", Decimal("0.5"), 'A Second "Look" at <Experts>'),
    ]


def test_an_author_is_found_by_a_name_as_written_and_by_iri(small: Path) -> None:
    for author in ("A. Chadha", "<author/aman-chadha>", "<https://kg.example/author/aman-chadha>"):
        assert len(_rows(small, with_parameters(find("papers-by-author"), {"author": author}))) == 2, author
    assert _rows(small, with_parameters(find("papers-by-author"), {"author": "Chadha"})) == []


def test_homonyms_are_told_apart_by_iri(small: Path) -> None:
    rows = _rows(small, with_parameters(find("papers-by-author"), {"author": "<author/jun-zhu~688e0ea9>"}))
    assert [row["title"] for row in rows] == ["ReMoE"]


@pytest.mark.parametrize(
    "label", ["LLM", "LLMs", "대규모 언어 모델", '"대규모 언어 모델"@ko', "large language model", "<concept/large-language-model>"]
)
def test_a_concept_is_found_by_any_label_in_any_language_and_counts_once(label: str, small: Path) -> None:
    rows = _rows(small, with_parameters(find("concept-by-label"), {"label": label}))
    assert [(row["english"], row["kind"], row["papers"]) for row in rows] == [("large language model", "Model", 4)]
    counts = {row["name"]: row["papers"] for row in _rows(small, with_parameters(find("experts-on-concept"), {"concept": label}))}
    assert counts["Aman Chadha"] == 2


def test_no_concept_is_found_by_a_label_that_none_has(small: Path) -> None:
    for name in ("papers-on-concept", "experts-on-concept", "concepts-with-concept", "concept-by-month"):
        assert _rows(small, with_parameters(find(name), {"concept": "no such concept"})) == []


def test_papers_on_a_concept_include_those_on_narrower_ones(small: Path) -> None:
    # ReMoE's main subject is the narrower concept only; the paper of 2024-12-31 is about both, mainly about neither.
    rows = {row["title"]: row["main"] for row in _rows(small, find("papers-on-concept"))}
    assert rows["ReMoE"] is True
    assert rows["Late: a Study"] is False


def test_a_paper_is_found_by_title_id_and_links(small: Path) -> None:
    text = find("why-related")
    expected = _rows(small, text)
    for paper in (
        "ReMoE",
        "2412.14711",
        "<paper/arxiv:2412.14711>",
        "<https://arxiv.org/abs/2412.14711>",
        "<https://doi.org/10.48550/arXiv.2412.14711>",
    ):
        assert _rows(small, with_parameters(text, {"paper": paper})) == expected, paper
    assert {row["kind"] for row in expected} == {"author", "concept", "is cited by"}


def test_evidence_counts_code_points_and_quotes_the_words(small: Path) -> None:
    rows = _rows(small, find("evidence"))
    assert [(row["begin"], row["end"], row["words"]) for row in rows] == [(4, 7, "MoE"), (22, 40, "Mixture-of-Experts")]
    assert all(row["words"] in row["excerpt"] for row in rows)


def test_people_to_meet_are_no_coauthors_and_no_teams(small: Path) -> None:
    assert {row["name"] for row in _rows(small, find("people-to-meet"))} == {"Jun Zhu", "Ziteng Wang"}


def test_concepts_rise_from_the_month_before_that_has_papers(small: Path) -> None:
    assert [(row["label"], row["rise"]) for row in _rows(small, find("rising-concepts"))] == [("mixture of experts", Decimal(1))]
    assert {row["label"] for row in _rows(small, find("new-concepts"))} == {"mixture of experts", "L1 regularization", "Computation and Language"}


# Parameters

HOSTILE = [
    '"; DROP ALL #',
    '" } #',
    "' } #",
    "\\",
    "\\\\",
    '\\"',
    '\\u0022 } . ?s ?p ?o . { "',
    "\\U0001F600",
    "a\nb\r\tc",
    "<script>alert(1)</script>",
    "</script>",
    "<https://example.org/ space>",
    '<https://example.org/">',
    "?x",
    "{}",
    "\u2028\u2029\u202e\ufeff",
    "\x00\x1b[31m",
    "@ko",
    '"x"@',
    "5",
    "😀",
    "",
]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=30) | st.text(alphabet="\\uU02\"'<>{}\n#@", max_size=12))
@example("\\u0022")
def test_any_text_arrives_in_the_query_as_it_is(value: str) -> None:
    _arrives(value)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_arrives_in_the_query_as_it_is(value: str) -> None:
    _arrives(value)


def _arrives(value: str) -> None:
    # Twice: a line that was replaced once can be replaced again.
    text = with_parameters('SELECT ?x WHERE {\n  VALUES ?x { "example" }\n}', {"x": 'first } " { value'})
    text = with_parameters(text, {"x": value})
    rows = list(pyoxigraph.Store().query(text))
    if re.fullmatch(r'(?s)".*"@[A-Za-z]{2,}[-\w]*', value) or re.fullmatch(r"<[a-z]+[:/][^<>\s\"{}|^`\\]+>", value):
        return  # meant as a term; below
    assert [row["x"] for row in rows] == [pyoxigraph.Literal(value)]
    if "\x00" not in value and "\r" not in value:
        assert [str(row[0]) for row in rdflib.Graph().query(text)] == [value]


def test_iris_and_languages_can_be_given() -> None:
    text = 'SELECT ?x WHERE {\n  VALUES ?x { "example" }\n}'

    def term(value: str) -> Any:
        return next(iter(pyoxigraph.Store().query(with_parameters(text, {"x": value}), base_iri="https://kg.example/")))["x"]

    assert term("<https://example.org/é#1>") == pyoxigraph.NamedNode("https://example.org/é#1")
    assert term("<author/yutao-sun>") == pyoxigraph.NamedNode("https://kg.example/author/yutao-sun")
    assert term('"a "quoted" word"@en-GB') == pyoxigraph.Literal('a "quoted" word', language="en-gb")
    assert term("12") == pyoxigraph.Literal("12")


def test_a_number_stays_one_where_the_example_is_one() -> None:
    text = with_parameters("SELECT ?x WHERE {\nVALUES ?x { 5 }\n}", {"x": "12"})
    assert str(next(iter(pyoxigraph.Store().query(text)))["x"].datatype.value).endswith("integer")
    assert '{ "twelve" }' in with_parameters("SELECT ?x WHERE {\nVALUES ?x { 5 }\n}", {"x": "twelve"})


def test_half_a_character_is_refused() -> None:
    with pytest.raises(QueryError, match="U\\+D83D"):
        write_terms("\ud83d")


def test_an_unknown_parameter_lists_the_known() -> None:
    with pytest.raises(QueryError, match=r"no parameter 'name' in this query; known: concept, paper"):
        with_parameters(find("evidence"), {"name": "x"})
    with pytest.raises(QueryError, match="known: none"):
        with_parameters(EVERYTHING, {"name": "x"})


def test_a_header_decides_what_is_a_parameter() -> None:
    text = "#+ params:\n#+   who: somebody\nSELECT * {\nVALUES ?who { 1 }\nVALUES ?fixed { 2 }\n}"
    with pytest.raises(QueryError, match="no parameter 'fixed' in this query; known: who"):
        with_parameters(text, {"fixed": "3"})
    assert "VALUES ?fixed { 3 }" in with_parameters(text.partition("somebody\n")[2], {"fixed": "3"})


def test_a_query_file_without_summary_or_values_line_is_refused() -> None:
    with pytest.raises(QueryError, match=r"a\.rq: no '#\+ summary:' line"):
        parse_query("a", EVERYTHING)
    with pytest.raises(QueryError, match=r"no line 'VALUES \?who"):
        parse_query("a", "#+ summary: x\n#+ params:\n#+   who: somebody\n" + EVERYTHING)


def test_a_name_that_no_query_has_is_answered_with_near_ones_or_all() -> None:
    with pytest.raises(QueryError, match="near: people-to-meet"):
        find("people-too-meet")
    with pytest.raises(QueryError, match=r"known: ambiguous-names, .*, why-related"):
        find("zzz")


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
        ("SELECT * { ?x none:such ?z }", "query:1:"),
        ("nonsense", "query:1:"),
    ],
)
def test_what_is_no_sparql_is_told_in_one_line_with_its_place(query: str, message: str, small: Path) -> None:
    with pytest.raises(QueryError) as caught:
        run(small, query)
    assert message in str(caught.value)
    assert re.fullmatch(r"query:\d+:\d+: not SPARQL: [^\n]{3,250}", str(caught.value))


def test_an_update_is_no_query(small: Path) -> None:
    with pytest.raises(QueryError, match="not SPARQL"):
        run(small, "DELETE WHERE { ?s ?p ?o }")
    assert len(_rows(small, EVERYTHING)) > 100


def test_the_time_limit_stops_a_query_and_its_process(small: Path) -> None:
    before = _children()
    began = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.5 s"):
        run(small, ENDLESS, timeout_s=0.5)
    assert time.monotonic() - began < 5
    assert _children() == before


def test_ctrl_c_stops_a_query_and_its_process(small: Path) -> None:
    before = _children()
    timer = threading.Timer(0.7, signal.raise_signal, (signal.SIGINT,))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(small, ENDLESS, timeout_s=30)
    finally:
        timer.cancel()
    assert _children() == before


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks into /proc")
def test_a_query_whose_parent_was_killed_ends_by_itself(small: Path) -> None:
    code = f"from pathlib import Path\nfrom kg.query import run\nrun(Path({str(small)!r}), {ENDLESS!r}, timeout_s=1)"
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
    program.write_text(f"from pathlib import Path\nfrom kg.query import run\nprint(run(Path({str(small)!r}), 'ASK {{ ?s ?p ?o }}').boolean)\n")
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
    with pytest.raises(SchemaError, match=r"kg\.nq: no N-Quads"):
        run(unloaded, EVERYTHING)
    assert sorted(path.name for path in unloaded.iterdir()) == ["kg.duckdb", "kg.nq"]


def test_a_folder_without_a_graph_and_a_broken_store_are_told(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no graph here"):
        run(tmp_path, EVERYTHING)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "CURRENT").write_text("nothing\n")
    with pytest.raises(SchemaError, match="the store cannot be opened"):
        run(tmp_path, EVERYTHING)


def test_querying_leaves_the_folder_as_it_was(small: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(small.rglob("*"))}
    _rows(small, EVERYTHING)
    assert {path: path.stat().st_mtime_ns for path in sorted(small.rglob("*"))} == before


# Forms of answers


@pytest.fixture
def authors(small: Path) -> Iterator[Answer]:
    with run(small, "SELECT ?a ?l ?n { ?a a foaf:Person ; rdfs:label ?l . OPTIONAL { ?a kg:none ?n } } ORDER BY ?a") as answer:
        yield answer


def _written(answer: Answer, format: str, width: int | None = None) -> str:
    out = io.BytesIO()
    answer.write(out, format, width=width)
    return out.getvalue().decode("utf-8")


def test_rows_are_written_in_the_standard_formats(authors: Answer) -> None:
    expected = [tuple(row) for row in authors.terms()]
    assert len(expected) == 5
    for format, parsed in (
        ("json", pyoxigraph.QueryResultsFormat.JSON),
        ("xml", pyoxigraph.QueryResultsFormat.XML),
        ("tsv", pyoxigraph.QueryResultsFormat.TSV),
    ):
        assert [tuple(row) for row in pyoxigraph.parse_query_results(_written(authors, format), parsed)] == expected
    assert json.loads(_written(authors, "json"))["head"] == {"vars": ["a", "l", "n"]}
    assert _written(authors, "csv").splitlines()[:2] == ["a,l,n", "https://kg.example/author/aman-chadha,Aman Chadha,"]


def test_a_table_names_things_by_their_ids(authors: Answer) -> None:
    assert _written(authors, "table").splitlines()[:3] == [
        "a                        l             n",
        "-----------------------  ------------  -",
        "author/aman-chadha       Aman Chadha",
    ]
    drawn = _written(authors, "table", width=40)
    assert "author/aman-chadh" in drawn
    assert max(map(len, drawn.splitlines())) <= 40


def test_a_table_lines_up_wide_letters_and_lets_no_text_steer_the_terminal(small: Path) -> None:
    query = 'SELECT ?x ?y { VALUES (?x ?y) { ("전문가" "a") ("ab" "b\\u001b[31m\\u009b2J\\u202e\\nc[bold]") } }'
    with run(small, query) as answer:
        for width in (None, 60):
            text = _written(answer, "table", width)
            assert not set(text) & {"\x1b", "\x9b", "\u202e"}
            assert "\\u001b[31m\\u009b2J\\u202e c[bold]" in text
        lines = _written(answer, "table").splitlines()
    assert lines[2] == "전문가  a"
    assert lines[3].startswith("ab      b")


def test_triples_are_written_as_turtle_and_ntriples(small: Path) -> None:
    with run(small, "CONSTRUCT { ?a rdfs:label ?l } WHERE { ?a a foaf:Person ; rdfs:label ?l }") as answer:
        triples = rdflib.Graph().parse(data=_written(answer, "nt"), format="nt")
        turtle = _written(answer, "ttl")
        assert _written(answer, "table").count("\n") == 7
        with pytest.raises(QueryError, match="CONSTRUCT query cannot be written as csv; ask for table, ttl or nt"):
            answer.write(io.BytesIO(), "csv")
    assert len(triples) == 5
    assert "rdfs:label" in turtle
    assert set(rdflib.Graph().parse(data=turtle, format="turtle")) == set(triples)
    with run(small, "DESCRIBE <author/ziteng-wang>") as answer:
        assert "Ziteng Wang" in _written(answer, "nt")


def test_yes_and_no_are_written(small: Path) -> None:
    with run(small, "ASK { ?s a foaf:Person }") as yes, run(small, "ASK { ?s a kg:Nothing }") as no:
        assert (yes.boolean, no.boolean) == (True, False)
        assert (_written(yes, "table"), _written(no, "table")) == ("true\n", "false\n")
        assert json.loads(_written(no, "json"))["boolean"] is False
        assert "<boolean>true</boolean>" in _written(yes, "xml")
        with pytest.raises(QueryError, match="no rows"):
            list(yes)
        with pytest.raises(QueryError, match="cannot be written as ttl"):
            yes.write(io.BytesIO(), "ttl")


def test_an_unknown_format_lists_the_known(authors: Answer) -> None:
    with pytest.raises(QueryError, match="no answer format 'yaml'; known: table, csv"):
        authors.write(io.BytesIO(), "yaml")
    with pytest.raises(QueryError, match="does not answer yes or no"):
        _ = authors.boolean


def test_values_are_python_values(small: Path) -> None:
    query = 'SELECT * { VALUES (?a ?b ?c ?d ?e ?f ?g) { (1 1.50 1e0 true "x"@en <urn:x> UNDEF) } }'
    assert _rows(small, query) == [{"a": 1, "b": Decimal("1.5"), "c": 1.0, "d": True, "e": "x", "f": "urn:x", "g": None}]


def test_importing_costs_no_engine() -> None:
    code = "import sys, kg.query; print([m for m in ('pyoxigraph', 'rich', 'rdflib', 'duckdb') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert done.stdout == "[]\n"
