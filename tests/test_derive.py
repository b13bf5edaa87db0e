"""Derived tables, each against another way to the answer."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import combinations

import networkx as nx
import pytest

from kg.derive.shared_topics import shared_topics
from kg.engine import Engine, derivation


def corpus(papers: int, seed: int = 7, *, authors: int = 30, concepts: int = 40) -> Engine:
    """A made-up corpus: papers of 1 to 6 authors about 1 to 8 concepts, commoner ones more often."""
    chance = random.Random(seed)
    engine = Engine()
    for name in ("papers", "authorships", "concepts", "paper_concepts"):
        engine.declare(name)
    rows: list[tuple[object, ...]] = []
    authorships, topics = [], []
    for number in range(papers):
        team = chance.sample(range(authors), chance.randint(1, 6))
        rows.append((f"paper/{number:05d}", f"Title {number}", f"2024-{chance.randint(1, 12):02d}", len(team), True))
        authorships += [(f"paper/{number:05d}", f"author/{author:03d}", "x") for author in team]
        about = {min(int(chance.expovariate(0.15)), concepts - 1) for _ in range(chance.randint(1, 8))}
        topics += [(f"paper/{number:05d}", f"concept/{concept:03d}", 1, False) for concept in sorted(about)]
    engine.insert("papers", ("paper_id", "title", "issued", "authors", "byline_complete"), rows)
    engine.insert("authorships", ("paper_id", "author_id", "name_as_written"), authorships)
    engine.insert("paper_concepts", ("paper_id", "concept_id", "weight", "main"), topics)
    engine.run("insert into concepts select distinct concept_id, concept_id, null, null, null, 'scheme/extracted', 1, null from paper_concepts")
    return engine


def test_coauthorships_are_newmans_projection() -> None:
    with corpus(120) as engine:
        engine.create("coauthorships", derivation("coauthorships"), max_team=100)
        pairs = {(source, target): float(weight) for source, target, weight in engine.rows("select source, target, weight from coauthorships")}
        authorships = engine.rows("select paper_id, author_id from authorships")
    bipartite = nx.Graph(authorships)
    expected = nx.bipartite.collaboration_weighted_projected_graph(bipartite, {author for _, author in authorships})
    assert pairs.keys() == {(min(edge), max(edge)) for edge in expected.edges}
    for (source, target), weight in pairs.items():
        assert weight == pytest.approx(expected[source][target]["weight"], abs=1e-8)


def test_papers_of_large_teams_make_no_pairs() -> None:
    with corpus(50) as engine:
        engine.create("coauthorships", derivation("coauthorships"), max_team=3)
        kept = {paper for (paper,) in engine.rows("select paper_id from papers where authors <= 3")}
        authorships = engine.rows("select paper_id, author_id from authorships")
        pairs = set(engine.rows("select source, target from coauthorships"))
    teams: dict[str, list[str]] = {}
    for paper, author in authorships:
        teams.setdefault(paper, []).append(author)
    assert pairs == {pair for paper in kept for pair in combinations(sorted(teams[paper]), 2)}


def _expected_topics(engine: Engine) -> dict[tuple[str, str], tuple[int, float]]:
    """Shared topics by brute force over all pairs of papers."""
    papers = [paper for (paper,) in engine.rows("select paper_id from papers order by 1")]
    about: dict[str, set[str]] = {paper: set() for paper in papers}
    frequency: Counter[str] = Counter()
    for paper, concept in engine.rows("select paper_id, concept_id from paper_concepts"):
        about[paper].add(concept)
        frequency[concept] += 1
    total = len(papers)
    weights = {
        concept: round(math.log(total / count), 9) for concept, count in frequency.items() if count < total and (total <= 200 or count <= total / 10)
    }
    neighbours: dict[str, list[tuple[float, str, int]]] = {paper: [] for paper in papers}
    for left, right in combinations(papers, 2):
        shared = [concept for concept in about[left] & about[right] if concept in weights]
        if shared:
            weight = round(sum(weights[concept] for concept in shared), 9)
            neighbours[left].append((-weight, right, len(shared)))
            neighbours[right].append((-weight, left, len(shared)))
    return {
        (min(paper, other), max(paper, other)): (count, -weight) for paper, found in neighbours.items() for weight, other, count in sorted(found)[:10]
    }


@pytest.mark.parametrize("papers", [40, 200, 260])
def test_shared_topics_are_each_papers_ten_strongest_neighbours(papers: int) -> None:
    with corpus(papers) as engine:
        shared_topics(engine)
        expected = _expected_topics(engine)
        found = {(source, target): (concepts, weight) for source, target, concepts, weight in engine.rows("select * from shared_topics")}
    assert found.keys() == expected.keys()
    for pair, (concepts, weight) in found.items():
        assert concepts == expected[pair][0]
        assert float(weight) == pytest.approx(expected[pair][1], abs=1e-7)


def test_slices_do_not_change_shared_topics() -> None:
    with corpus(80) as whole, corpus(80) as sliced:
        shared_topics(whole)
        shared_topics(sliced, rows_a_slice=50)
        assert whole.rows("select * from shared_topics") == sliced.rows("select * from shared_topics")


def test_cooccurrence_is_one_where_two_concepts_meet_as_often_as_by_chance() -> None:
    with Engine() as engine:
        for name in ("papers", "concepts", "paper_concepts"):
            engine.declare(name)
        for number in range(4):
            engine.run("insert into papers (paper_id, title, authors, byline_complete) values ($paper, 'x', 0, false)", paper=f"p{number}")
        for paper, concept in [("p0", "a"), ("p1", "a"), ("p1", "b"), ("p2", "b")]:
            engine.run("insert into paper_concepts values ($paper, $concept, 1, false)", paper=paper, concept=concept)
        engine.run("insert into concepts select distinct concept_id, concept_id, null, null, null, 'scheme/extracted', 1, null from paper_concepts")
        engine.create("cooccurrences", derivation("cooccurrences"))
        assert [(*row[:3], float(row[3])) for row in engine.rows("select * from cooccurrences")] == [("a", "b", 1, 1.0)]


def test_a_concepts_share_is_of_the_months_papers() -> None:
    with corpus(60) as engine:
        engine.create("concept_months", derivation("concept_months"))
        rows = engine.rows(
            """
            select concept_id, month, papers, share from concept_months
            where papers <> (select count(*) from paper_concepts c join papers p using (paper_id)
                             where c.concept_id = concept_months.concept_id and p.issued = concept_months.month)
               or abs(share - papers / (select count(*) from papers p where p.issued = concept_months.month)) > 1e-8
            """
        )
        assert engine.value("select count(*) from concept_months") > 100
    assert rows == []
