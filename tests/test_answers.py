"""Answers: the formats in which they are written, the values that they hold, and the file that goes with them."""

from __future__ import annotations

import gc
import io
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyoxigraph
import pytest
import rdflib

from kg.answers import Answer
from kg.errors import QueryError
from kg.store import ask_store


@pytest.fixture
def authors(small: Path) -> Iterator[Answer]:
    with ask_store(small, "SELECT ?a ?l ?n { ?a a foaf:Person ; rdfs:label ?l . OPTIONAL { ?a kg:none ?n } } ORDER BY ?a") as answer:
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
    assert "author/aman-chadha" in drawn
    assert max(map(len, drawn.splitlines())) <= 40


def test_a_table_lines_up_wide_letters_and_lets_no_text_steer_the_terminal(small: Path) -> None:
    query = 'SELECT ?x ?y { VALUES (?x ?y) { ("전문가" "a") ("ab" "b\\u001b[31m\\u009b2J\\u202e\\nc[bold]") } }'
    with ask_store(small, query) as answer:
        for width in (None, 60):
            text = _written(answer, "table", width)
            assert not set(text) & {"\x1b", "\x9b", "\u202e"}
            assert "\\u001b[31m\\u009b2J\\u202e c[bold]" in text
        lines = _written(answer, "table").splitlines()
    assert lines[2] == "전문가  a"
    assert lines[3].startswith("ab      b")


def test_triples_are_written_as_turtle_and_ntriples(small: Path) -> None:
    with ask_store(small, "CONSTRUCT { ?a rdfs:label ?l } WHERE { ?a a foaf:Person ; rdfs:label ?l }") as answer:
        triples = rdflib.Graph().parse(data=_written(answer, "nt"), format="nt")
        turtle = _written(answer, "ttl")
        assert _written(answer, "table").count("\n") == 7
        with pytest.raises(QueryError, match="CONSTRUCT query cannot be written as csv; ask for table, ttl or nt"):
            answer.write(io.BytesIO(), "csv")
    assert len(triples) == 5
    assert "rdfs:label" in turtle
    assert set(rdflib.Graph().parse(data=turtle, format="turtle")) == set(triples)
    with ask_store(small, "DESCRIBE <author/ziteng-wang>") as answer:
        assert "Ziteng Wang" in _written(answer, "nt")


def test_yes_and_no_are_written(small: Path) -> None:
    with ask_store(small, "ASK { ?s a foaf:Person }") as yes, ask_store(small, "ASK { ?s a kg:Nothing }") as no:
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
    assert list(ask_store(small, query)) == [{"a": 1, "b": Decimal("1.5"), "c": 1.0, "d": True, "e": "x", "f": "urn:x", "g": None}]


def test_importing_costs_no_engine() -> None:
    code = "import sys, kg.store, kg.endpoint; print([m for m in ('pyoxigraph', 'rich', 'rdflib', 'duckdb') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert done.stdout == "[]\n"


def test_an_answer_that_nobody_closes_gives_its_file_back_without_a_warning() -> None:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - what is tested
    file.write(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"a"}},{"x":{"type":"literal","value":"b"}}]}}')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = iter(Answer.of_results(file))
        assert next(rows) == {"x": "a"}
        gc.collect()
        assert not file.closed  # who reads it still holds it
        assert next(rows) == {"x": "b"}
        del rows
        gc.collect()
    assert file.closed


def test_a_closed_answer_gives_its_file_back_at_once_and_twice_is_once(small: Path) -> None:
    answer = ask_store(small, "ASK { ?s ?p ?o }")
    answer.close()
    answer.close()
    with pytest.raises(ValueError, match="closed"):
        _ = answer.boolean


@pytest.mark.parametrize("text", ['"many"^^xsd:integer', '"1,5"^^xsd:decimal', '"much"^^xsd:double'])
def test_a_number_that_is_none_stays_text(text: str, small: Path) -> None:
    assert list(ask_store(small, f"SELECT ?x {{ VALUES ?x {{ {text} }} }}")) == [{"x": text.split('"')[1]}]


@pytest.mark.parametrize("width", [80, 100])
def test_a_drawn_table_keeps_words_whole_and_folds_ids_first(width: int, small: Path) -> None:
    title = "Exploring the Abilities of Language Models to Solve Proportional Analogies via Knowledge-Enhanced Prompting"
    person = "<author/a-person-of-a-very-long-name-indeed>"
    row = f'"Vinija Jain" 0.535714286 "{title}" <paper/arxiv:2412.00869> {person}'
    query = f"SELECT * {{ VALUES (?name ?weight ?title ?paper ?other) {{ ({row}) }} }}"
    with ask_store(small, query) as answer:
        drawn, plain = _written(answer, "table", width), _written(answer, "table")
    words = drawn.split()
    assert [word for word in words if word in title.split()] == title.split()
    assert max(map(len, drawn.splitlines())) <= width
    assert "0.5357" in words
    assert "0.535714286" in plain
    assert person.strip("<>") in plain
    assert "paper/" in drawn
    assert person.strip("<>") not in drawn


def test_an_answer_shows_its_form_and_columns(authors: Answer, small: Path) -> None:
    assert repr(authors) == "<Answer select: a, l, n>"
    with ask_store(small, "ASK { ?s ?p ?o }") as answer:
        assert repr(answer) == "<Answer ask>"
