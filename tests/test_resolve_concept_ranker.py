"""The ranker: what its file holds, and that SQL adds up what its trees say."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from concept_papers import Known, Paper, load

from kg.engine import Engine
from kg.resolve.concept_ranker import Ranker, points_sql, rank, shipped
from kg.resolve.concepts import MIN_CONFIDENCE, find_concepts

PAPERS: list[Paper] = [
    ("ReMoE: Mixture-of-Experts with ReLU Routing", ["ReMoE는 전문가 혼합(Mixture of Experts; MoE)을 쓴다. 객체 및 카메라 제어를 다룬다."]),
    ("Sparse Language Models", ["We study large language models (LLMs) and image and video generation on GSM8K."]),
    ("Laws", ["", "!"]),
]


def walk(tree: Any, row: dict[str, float]) -> int:
    """The points that a tree gives a row, read as its file says."""
    while not isinstance(tree, int):
        feature, edge, below, above = tree
        tree = below if row[feature] < edge else above
    return tree


def nodes(tree: Any) -> Iterator[Any]:
    yield tree
    if not isinstance(tree, int):
        yield from nodes(tree[2])
        yield from nodes(tree[3])


@pytest.fixture(scope="module")
def features() -> list[str]:
    """The columns of concept_features that say something of a concept."""
    with Engine() as engine:
        load(engine, PAPERS, vocabulary=[Known(label="mixture of experts", kind="Method")], resolve=False)
        find_concepts(engine)
        columns = engine.rows("select column_name, data_type from duckdb_columns() where table_name = 'concept_features'")
        assert engine.value("select count(*) from concept_features") > 10
        for name, _ in columns:
            # A tree sends null to the right, in silence.
            assert engine.value(f'select count(*) from concept_features where "{name}" is null') == 0, name
    names = {name: kind for name, kind in columns if name not in ("paper_id", "root", "trusted", "own")}
    assert not [name for name, kind in names.items() if kind in ("VARCHAR", "BOOLEAN")]
    return sorted(names)


@pytest.mark.parametrize("which", ["shipped", "random"])
def test_points_in_sql_are_those_of_a_walk_down_each_tree(which: str, features: list[str]) -> None:
    chance = random.Random(7)

    def tree(depth: int) -> Any:
        if not depth or chance.random() < 0.1:
            return chance.randint(-50, 50)
        return [chance.choice(features), chance.choice([0, 0.5, 1, 2.25, -1]), tree(depth - 1), tree(depth - 1)]

    ranker: Ranker = shipped() if which == "shipped" else {"start": -7, "trees": [tree(4) for _ in range(40)]}
    edges: dict[str, set[float]] = {name: {0.0} for name in features}
    for one in ranker["trees"]:
        for node in nodes(one):
            if not isinstance(node, int):
                edges[node[0]].add(node[1])
    # Values on the edges, beside them, and anywhere.
    values = [
        {name: chance.choice([chance.choice(sorted(edges[name])) + chance.choice([-1e-6, 0, 1e-6]), chance.uniform(-1, 9)]) for name in features}
        for _ in range(300)
    ]
    expected = [ranker["start"] + sum(walk(one, row) for one in ranker["trees"]) for row in values]
    with Engine() as engine:
        # Some names are words of SQL (both, inner).
        engine.run(f"create temp table drawn (number integer, {', '.join(f'_{name} double' for name in features)})")
        engine.insert(
            "drawn", ("number", *(f"_{name}" for name in features)), ((n, *(row[name] for name in features)) for n, row in enumerate(values))
        )
        named = ", ".join(f'_{name} as "{name}"' for name in features)
        found = engine.rows(f"select {points_sql(ranker)} from (select number, {named} from drawn) order by number")
    assert [points for (points,) in found] == expected
    assert len(set(expected)) > 50


def test_the_shipped_ranker_is_whole_readable_and_small(features: list[str]) -> None:
    path = files("kg.resolve") / "concept_ranker.json"
    content = path.read_bytes()
    assert len(content) < 60_000
    ranker = json.loads(content)
    assert sorted(ranker) == ["about", "confidence", "start", "trees"]
    assert "benchmarks/train_ranker.py" in ranker["about"]
    assert isinstance(ranker["start"], int)
    # A tree a line.
    assert len(content.decode().splitlines()) == len(ranker["trees"]) + 2
    for tree in ranker["trees"]:
        for node in nodes(tree):
            assert type(node) in (int, list)
            if isinstance(node, list):
                feature, edge, _, _ = node
                assert feature in features
                assert isinstance(edge, int | float)
    assert {node[0] for tree in ranker["trees"] for node in nodes(tree) if isinstance(node, list)} >= {"title", "gloss", "v_known"}
    # More points make a concept likelier; of no concept is it certain.
    assert ranker["confidence"]["slope"] > 0


@pytest.mark.parametrize(("points", "confidence"), [(0, "0.500"), (110, "0.750"), (-110, "0.250"), (1000, "1.000"), (-5000, "0.000")])
def test_a_logistic_turns_points_into_a_confidence(points: int, confidence: str) -> None:
    ranker: Ranker = {"start": points, "trees": [], "confidence": {"intercept": 0, "slope": 0.01}}
    with Engine() as engine:
        engine.run("create temp table concept_features as select 'p' as paper_id, 'r' as root, false as trusted, false as own")
        rank(engine, ranker)
        assert [(*row[:3], str(row[3])) for row in engine.rows("select * from concept_ranked")] == [("p", "r", points, confidence)]


def test_what_the_users_pipeline_or_vocabulary_has_is_not_ranked_away_and_the_pipeline_is_believed_more() -> None:
    unlikely: Ranker = {"start": -900, "trees": [], "confidence": {"intercept": 0, "slope": 0.01}}
    with Engine() as engine:
        engine.run(
            "create temp table concept_features as select * from (values ('p', 'plain', false, false), ('p', 'own', false, true), "
            "('p', 'trusted', true, false)) as rows_ (paper_id, root, trusted, own)"
        )
        rank(engine, unlikely)
        confidence = {root: float(value) for root, value in engine.rows("select root, confidence from concept_ranked")}
    assert confidence["plain"] < MIN_CONFIDENCE < confidence["own"] < confidence["trusted"]
    papers: list[Paper] = [("A", ["We study the ostrich gambit of the field."])]
    for scheme, names in (("scheme/paperkg", []), ("scheme/birds", [("concept/ostrich-gambit",)])):
        with Engine() as engine:
            load(engine, papers, vocabulary=[Known(label="ostrich gambit", scheme=scheme)], ranker=unlikely)
            assert engine.rows("select concept_id from concepts") == names
