"""Which records are one paper, and what the paper's facts are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engine import Engine
from kg.ids import author_id
from kg.resolve.authors import make_authors, resolve_authors
from kg.resolve.papers import resolve_papers
from kg.tables import TABLES

Given = dict[str, Any]


def resolved(records: Sequence[Given]) -> Engine:
    """Tables of these records: each has a record_id and what else it states; ``names`` are its byline."""
    engine = Engine()
    for name in ("records", "signatures", "sections", "digests", "judgements", "clusters", "aliases"):
        engine.declare(name)
    defaults = {"paper_id": "", "line": 1, "title": "On Names", "byline_complete": True, "order_trusted": True, "source_id": "source/1"}
    columns = [column.name for column in TABLES["records"].columns]
    engine.insert("records", columns, [[{**defaults, **record}.get(column) for column in columns] for record in records])
    engine.insert(
        "signatures",
        ("signature_id", "record_id", "position", "name", "author_id"),
        [
            (f"signature/{record['record_id']}+{position}", record["record_id"], position, name, author_id(name))
            for record in records
            for position, name in enumerate(record.get("names", ["Ann Ace"]), 1)
        ],
    )
    for date in sorted({record["digest_id"] for record in records if record.get("digest_id")}):
        engine.run("insert into digests values ($id, $date, 'x')", id=date, date=date.partition("/")[2])
    resolve_authors(engine)
    resolve_papers(engine)
    make_authors(engine)
    return engine


def test_records_that_share_an_identifier_are_one_paper_however_long_the_chain() -> None:
    engine = resolved(
        [
            {"record_id": "r1", "arxiv_id": "2412.00001"},
            {"record_id": "r2", "arxiv_id": "2412.00001", "doi": "10.1/a"},
            {"record_id": "r3", "doi": "10.1/a", "title": "Another title"},
            {"record_id": "r4", "doi": "10.1/b"},
        ]
    )
    assert engine.rows("select record_id, paper_id from records order by 1") == [
        ("r1", "paper/arxiv:2412.00001"),
        ("r2", "paper/arxiv:2412.00001"),
        ("r3", "paper/arxiv:2412.00001"),
        ("r4", "paper/doi:10.1/b"),
    ]
    assert engine.rows("select alias_id, target_id from aliases") == [("paper/doi:10.1/a", "paper/arxiv:2412.00001")]
    assert engine.rows("select left_id, right_id, verdict from judgements where kind = 'paper'") == [("r1", "r2", "same"), ("r2", "r3", "same")]


def test_without_identifiers_title_year_and_smallest_surname_decide_in_any_order_of_names() -> None:
    engine = resolved(
        [
            {"record_id": "r1", "title": "On  names", "issued": "2024-05", "names": ["Bo Li", "Ann Ace"]},
            {"record_id": "r2", "title": "On Names", "issued": "2024", "names": ["Ann Ace", "Bo Li"]},
            {"record_id": "r3", "title": "On Names", "issued": "2023", "names": ["Ann Ace", "Bo Li"]},
            {"record_id": "r4", "title": "On Names", "issued": "2024", "names": ["Bo Li"]},
        ]
    )
    papers = dict(engine.rows("select record_id, paper_id from records"))
    assert papers["r1"] == papers["r2"]
    assert len(set(papers.values())) == 3


def test_a_paper_is_dated_by_its_arxiv_id_where_no_source_says_more() -> None:
    engine = resolved([{"record_id": "r1", "arxiv_id": "2412.00001"}, {"record_id": "r2", "arxiv_id": "2412.00002", "issued": "2024-12-03"}])
    assert engine.rows("select issued from papers order by paper_id") == [("2024-12",), ("2024-12-03",)]


def test_a_title_is_the_commonest_then_the_newest() -> None:
    engine = resolved(
        [
            {"record_id": "r1", "arxiv_id": "2412.00001", "title": "Old", "digest_id": "digest/2024-12-01", "order_trusted": False},
            {"record_id": "r2", "arxiv_id": "2412.00001", "title": "New", "digest_id": "digest/2024-12-02", "order_trusted": False},
        ]
    )
    assert engine.value("select title from papers") == "New"


def test_positions_come_from_a_byline_whose_order_means_something() -> None:
    engine = resolved(
        [
            {"record_id": "r1", "arxiv_id": "2412.00001", "names": ["Bo Li", "Ann Ace", "Cy Dee"], "order_trusted": False, "byline_complete": False},
            {"record_id": "r2", "arxiv_id": "2412.00001", "names": ["Ann Ace", "Bo Li"]},
        ]
    )
    assert engine.rows("select author_id, position from authorships") == [("author/ann-ace", 1), ("author/bo-li", 2), ("author/cy-dee", None)]
    assert engine.rows("select authors, byline_complete from papers") == [(3, True)]


def test_a_name_twice_in_a_byline_is_one_authorship() -> None:
    engine = resolved([{"record_id": "r1", "arxiv_id": "2412.00001", "names": ["Ann Ace", "Ann  Ace", "Añn Ace"]}])
    assert engine.rows("select papers from authors") == [(1,)]
    assert engine.value("select authors from papers") == 1


def test_a_paper_without_names_has_no_complete_byline() -> None:
    engine = resolved([{"record_id": "r1", "arxiv_id": "2412.00001", "names": []}])
    assert engine.rows("select authors, byline_complete from papers") == [(0, False)]


def test_the_commonest_spelling_names_the_author() -> None:
    engine = resolved(
        [
            {"record_id": "r1", "arxiv_id": "2412.00001", "names": ["Łukasz Borchmann"]},
            {"record_id": "r2", "arxiv_id": "2412.00002", "names": ["Łukasz Borchmann"]},
            {"record_id": "r3", "arxiv_id": "2412.00003", "names": ["Lukasz Borchmann"]},
        ]
    )
    assert engine.rows("select author_id, name, papers from authors") == [("author/lukasz-borchmann", "Łukasz Borchmann", 3)]


def test_teams_are_groups() -> None:
    engine = resolved([{"record_id": "r1", "arxiv_id": "2412.00001", "names": ["Gemma Team", "NVIDIA", "01. AI", "Jun Zhu"]}])
    assert engine.rows("select name from authors where kind = 'group' order by name") == [("01. AI",), ("Gemma Team",), ("NVIDIA",)]


_RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "arxiv_id": st.sampled_from([None, "2412.00001", "2412.00002", "hep-th/9901001"]),
            "doi": st.sampled_from([None, "10.1/a", "10.1/b", "10.1/c"]),
            "title": st.sampled_from(["On Names", "On names!", "Other"]),
            "issued": st.sampled_from([None, "2024", "2024-12", "2024-12-25"]),
            "names": st.lists(st.sampled_from(["Ann Ace", "Bo Li", "B. Li", "Bo  Lí"]), max_size=3),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(_RECORDS, st.randoms(use_true_random=False))
def test_resolution_ignores_the_order_of_records(records: list[Given], order: random.Random) -> None:
    numbered = [{**record, "record_id": f"r{number}"} for number, record in enumerate(records)]
    shuffled = list(numbered)
    order.shuffle(shuffled)
    with resolved(numbered) as left, resolved(shuffled) as right:
        for table in ("papers", "authors", "authorships", "clusters", "judgements", "aliases"):
            query = f"select * from {table} order by all"
            assert left.rows(query) == right.rows(query)


@settings(max_examples=40, deadline=None)
@given(_RECORDS)
def test_all_records_that_share_an_identifier_are_one_paper(records: list[Given]) -> None:
    numbered = [{**record, "record_id": f"r{number}"} for number, record in enumerate(records)]
    with resolved(numbered) as engine:
        papers = dict(engine.rows("select record_id, paper_id from records"))
    for left in numbered:
        for right in numbered:
            if any(left[key] is not None and left[key] == right[key] for key in ("arxiv_id", "doi")):
                assert papers[left["record_id"]] == papers[right["record_id"]]
