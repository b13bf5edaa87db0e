"""The shipped queries, what they answer in two engines, their parameters, and what is told of a SPARQL text.

The rule by which two engines agree: the rows as a list, in the order of ORDER BY, each a tuple of terms in which numbers are
compared by value (to nine decimals), text by its characters and its language, IRIs as they are, and unbound as unbound.
"""

from __future__ import annotations

import re
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.namespaces import PREFIXES
from kg.queries import chooses_graphs, find, gives_triples, parse_query, shipped, with_parameters, with_prefixes, write_terms
from kg.store import ask_store

QUERIES = shipped()
NAMES = (
    "ambiguous-names concept-by-label concept-by-month concepts-with-concept digests evidence experts-on-concept new-concepts papers-by-author "
    "papers-of-digest papers-on-concept people-to-meet rising-concepts second-step-coauthors strongest-coauthors what-a-source-said why-related"
).split()
EVERYTHING = "SELECT * WHERE { ?s ?p ?o }"


@pytest.fixture(scope="session")
def small_rdflib(small: Path) -> rdflib.Dataset:
    return _rdflib(small / "kg.nq")


def _rdflib(nquads: Path) -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=True)
    with nquads.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # RDFLib uses what it deprecates
        dataset.parse(file, format="nquads")
    return dataset


def _rows(folder: Path, query: str) -> list[dict[str, Any]]:
    return list(ask_store(folder, query))


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
    with ask_store(folder, query) as answer:
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
    with ask_store(small, text) as answer:
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
            assert f"- `{parameter.name}`: {parameter.description}. Example: `{parameter.sample}`\n" in f"{section}\n"


# What the answers are


def test_papers_of_a_digest_come_by_votes_and_those_without_votes_last(small: Path) -> None:
    rows = _rows(small, find("papers-of-digest"))
    assert [(row["votes"], row["title"]) for row in rows] == [(7, "ReMoE"), (None, 'A Second "Look" at <Experts>')]


TWICE = """
    @prefix kg: <https://w3id.org/paperkg#> . @prefix dcterms: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <urn:day> a kg:Digest ; kg:date "2024-12-25" ; rdfs:label "Day" .
    <urn:a> rdfs:label "A" . <urn:b> rdfs:label "B" . <urn:c> rdfs:label "C" ; kg:date "2024-12" .
    <urn:1> a kg:DigestEntry ; dcterms:isPartOf <urn:day> ; kg:describes <urn:a> ; kg:rank 2 ; kg:votes 3 .
    <urn:2> a kg:DigestEntry ; dcterms:isPartOf <urn:day> ; kg:describes <urn:a> ; kg:rank 1 .
    <urn:3> a kg:DigestEntry ; dcterms:isPartOf <urn:day> ; kg:describes <urn:b> ; kg:rank 4 ; kg:votes 7 .
    <urn:4> a kg:DigestEntry ; dcterms:isPartOf <urn:day> ; kg:describes <urn:b> ; kg:rank 5 ; kg:votes 10 .
    <urn:5> a kg:DigestEntry ; dcterms:isPartOf <urn:day> ; kg:describes <urn:c> .
"""
"""A day that stands in two files, which share two of its papers."""


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        ("digests", ("papers", "votes"), [(3, 13)]),
        ("papers-of-digest", ("title", "votes", "rank"), [("B", 10, 4), ("A", 3, 1), ("C", None, None)]),
    ],
)
def test_a_paper_with_two_entries_in_a_digest_is_one(name: str, columns: tuple[str, ...], expected: list[tuple[Any, ...]]) -> None:
    store = pyoxigraph.Store()
    store.load(TWICE.encode(), format=pyoxigraph.RdfFormat.TURTLE)
    ours = [tuple(row[column] and row[column].value for column in columns) for row in store.query(find(name))]
    theirs = [tuple(row[column] and str(row[column]) for column in columns) for row in rdflib.Graph().parse(data=TWICE).query(find(name))]
    assert ours == theirs == [tuple(value and str(value) for value in row) for row in expected]


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
    assert all(row["words"] in row["sentence"] for row in rows)


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


# Prefixes and words


@pytest.mark.parametrize(
    ("query", "used"),
    [
        ("ASK { ?a foaf:knows/^schema:author|!rdf:type ?b }", "foaf rdf schema"),
        ("ASK { ?a ?p ?b.foaf:x ?p 5.kg:y ?p true }", "foaf kg"),
        ("ASK { ex:a\\#b foaf:x 1 ; ?p kg:%20 }", "foaf kg"),
        ('SELECT * { ?s <foaf:x> \'kg:a\' ; ?p """dcat:""" } # skos:Concept', ""),
        ("prefix\n# its own\nfoaf: <urn:x> ASK { ?s foaf:x kg:y }", "kg"),
        ("ASK { _:kg ?p [] . ?foaf:x ?p 1 }", ""),
        ("ASK { ?s ?p '5'^^xsd:integer }", "xsd"),
        ("ASK { ?s foafx:y 1 ; xfoaf:y 2 }", ""),
    ],
)
def test_the_prefixes_that_a_query_uses_and_does_not_declare_are_declared(query: str, used: str) -> None:
    declared = re.match(r"(?:PREFIX \w+: <[^>]+> )*", with_prefixes(query))
    assert declared is not None
    assert " ".join(re.findall(r"PREFIX (\w+):", declared[0])) == used
    assert with_prefixes(query) == declared[0] + query


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_query_needs_no_prefixes(name: str) -> None:
    assert with_prefixes(QUERIES[name].text) == QUERIES[name].text


def test_a_query_with_prefixes_is_sparql_to_an_engine_that_knows_none() -> None:
    for query in ("ASK { ?s a foaf:Person ; kg:date ?d }", "BASE <https://x.example/>\nASK { <a> rdfs:label ?l }"):
        pyoxigraph.Store().query(with_prefixes(query))
    with pytest.raises(SyntaxError):
        pyoxigraph.Store().query("ASK { ?s a foaf:Person }")


def test_a_word_within_names_texts_and_comments_says_nothing() -> None:
    decoy = "# FROM CONSTRUCT\nPREFIX from: <https://describe.example/from> SELECT ?from { ?from from:construct 'FROM x DESCRIBE' }"
    assert not chooses_graphs(decoy)
    assert not gives_triples(decoy)
    assert chooses_graphs("select * from named <urn:x> { ?s ?p ?o }")
    assert gives_triples("describe <urn:x>")
    assert gives_triples("CONSTRUCT { ?s ?p 1 } { SELECT * { ?s ?p ?o } }")
