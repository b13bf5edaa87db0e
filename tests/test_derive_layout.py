"""Communities, ranks and layout: what the pictures are made of."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from collections import defaultdict
from itertools import combinations

import networkx
import pytest

from kg.derive.communities import communities, split
from kg.derive.layout import SPACING, WIDE_SPACING, layout
from kg.derive.ranks import ranks
from kg.engine import Engine, derivation
from kg.tables import TABLES

Teams = dict[str, list[str]]

TEAMS: Teams = {
    "a": ["ada", "bob", "cyd"],
    "b": ["cyd", "dan", "eve", "fay"],
    "c": ["gus", "hal"],
    "d": ["ian"],
    "large": [f"member-{number:02}" for number in range(40)] + ["ada"],
}


def graph(teams: Teams, topics: list[tuple[str, str, float]] = (), *, shuffle: int | None = None, threads: int | None = None) -> Engine:  # type: ignore[assignment]
    """An engine with the tables that layout needs, for papers by these people."""
    engine = Engine(threads=threads)
    order = random.Random(shuffle)
    papers_of: dict[str, int] = defaultdict(int)
    for members in teams.values():
        for member in members:
            papers_of[member] += 1
    rows = {
        "papers": [(f"paper/{paper}", paper, "2024-12", None, None, None, None, None, len(members), True) for paper, members in teams.items()],
        "authors": [(f"author/{author}", author, "person", None, papers) for author, papers in papers_of.items()],
        "authorships": [(f"paper/{paper}", f"author/{member}", None, member) for paper, members in teams.items() for member in members],
        "shared_topics": [(f"paper/{a}", f"paper/{b}", 1, weight) for a, b, weight in topics],
        "concepts": [],
        "cooccurrences": [],
    }
    for table, content in rows.items():
        if shuffle is not None:
            order.shuffle(content)
        engine.declare(table)
        engine.insert(table, [column.name for column in TABLES[table].columns], content)
    engine.create("coauthorships", derivation("coauthorships"), max_team=100)
    return engine


def arranged(teams: Teams, topics: list[tuple[str, str, float]] = (), **options: int | None) -> Engine:  # type: ignore[assignment]
    engine = graph(teams, topics, **options)
    communities(engine)
    ranks(engine)
    layout(engine)
    return engine


def places(engine: Engine, view: str) -> dict[str, tuple[int, int]]:
    return {node: (x, y) for node, x, y in engine.rows("select node_id, x, y from layout where view = $view", view=view)}


def nearest(points: dict[str, tuple[int, int]]) -> float:
    return min(math.dist(a, b) for a, b in combinations(points.values(), 2))


def random_teams(papers: int, people: int, seed: int) -> Teams:
    chance = random.Random(seed)
    return {f"p{number:03}": sorted({f"n{int(people * chance.random() ** 2):04}" for _ in range(chance.randint(1, 9))}) for number in range(papers)}


def test_everyone_is_drawn_and_only_teams_of_more_than_fifteen_have_a_hub() -> None:
    with arranged(TEAMS) as engine:
        drawn = set(places(engine, "people"))
    assert drawn == {f"author/{member}" for members in TEAMS.values() for member in members} | {"paper/large"}


def test_a_paper_of_one_team_is_a_regular_polygon() -> None:
    with arranged({"a": ["ada", "bob", "cyd", "dan", "eve"]}) as engine:
        points = list(places(engine, "people").values())
    middle = (sum(x for x, _ in points) / 5, sum(y for _, y in points) / 5)
    radii = [math.dist(middle, point) for point in points]
    assert max(radii) - min(radii) < 2
    assert min(radii) == pytest.approx(SPACING / (2 * math.sin(math.pi / 5)), abs=1.5)


@pytest.mark.parametrize("seed", range(4))
def test_no_two_people_overlap(seed: int) -> None:
    with arranged(random_teams(60, 260, seed) | {"large": TEAMS["large"]}) as engine:
        assert nearest(places(engine, "people")) > SPACING - 3


def test_no_two_papers_overlap_and_paired_ones_are_near() -> None:
    teams = {f"p{number:02}": [f"a{number}"] for number in range(30)}
    names = sorted(teams)
    ring = [(*sorted((names[number], names[(number + 1) % 20])), 1.0) for number in range(20)]
    with arranged(teams, ring) as engine:
        points = places(engine, "papers")
    assert len(points) == 30
    assert nearest(points) > WIDE_SPACING - 3
    along = [math.dist(points[f"paper/{a}"], points[f"paper/{b}"]) for a, b, _ in ring]
    across = [math.dist(points[f"paper/{names[number]}"], points[f"paper/{names[number + 10]}"]) for number in range(10)]
    assert max(along) < min(across)


def test_large_components_are_arranged_by_community_without_overlap() -> None:
    # 1,200 people of two papers each: more than are placed in one go.
    chance = random.Random(5)
    teams: Teams = defaultdict(list)
    for number in range(1_200):
        home = number // 60
        for paper in chance.sample(range(30), 2):
            teams[f"g{home:02}p{paper:02}"].append(f"n{number:04}")
    for home in range(19):
        teams[f"z{home:02}"] = [f"n{home * 60:04}", f"n{home * 60 + 61:04}"]
    with arranged(dict(teams)) as engine:
        points = places(engine, "people")
        groups = dict(engine.rows("select node_id, community from communities where view = 'people'"))
    assert len(points) == 1_200
    assert nearest(points) > SPACING - 3
    together, apart = [], []
    names = sorted(points)
    for _ in range(4_000):
        a, b = chance.sample(names, 2)
        (together if groups[a] == groups[b] else apart).append(math.dist(points[a], points[b]))
    assert sum(together) / len(together) < 0.5 * sum(apart) / len(apart)


def test_beyond_the_limit_the_people_with_most_papers_are_drawn() -> None:
    with graph(random_teams(200, 400, 1)) as engine:
        communities(engine)
        ranks(engine)
        layout(engine, drawn=50)
        drawn = {node for node in places(engine, "people") if node.startswith("author/")}
        papers = dict(engine.rows("select author_id, papers from authors"))
    assert len(drawn) == 50
    assert min(papers[author] for author in drawn) >= max(papers[author] for author in papers if author not in drawn)


def test_the_order_of_rows_and_the_number_of_threads_change_nothing() -> None:
    teams = random_teams(80, 200, 3)
    topics = [(a, b, 1.5) for a, b in zip(sorted(teams)[:-1], sorted(teams)[1:], strict=True)]
    results = []
    for shuffle, threads in ((1, 1), (2, 2)):
        with arranged(teams, topics, shuffle=shuffle, threads=threads) as engine:
            results.append([engine.rows(f"select * from {table} order by all") for table in ("communities", "ranks", "layout")])
    assert results[0] == results[1]
    assert all(results[0])


_PROBE = """
import hashlib, sys
sys.path.insert(0, "tests")
from test_derive_layout import arranged, random_teams
with arranged(random_teams(80, 200, 3)) as engine:
    print(hashlib.sha256(repr([engine.rows(f"select * from {table} order by all") for table in ("communities", "layout")]).encode()).hexdigest())
"""


def test_hash_seeds_change_nothing() -> None:
    answers = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run([sys.executable, "-c", _PROBE], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        answers.add(done.stdout)
    assert len(answers) == 1


def test_communities_find_planted_groups() -> None:
    chance = random.Random(2)
    teams: Teams = {}
    for group in range(3):
        for number in range(30):
            teams[f"g{group}p{number:02}"] = [f"g{group}m{member}" for member in chance.sample(range(8), 3)]
    teams["bridge"] = ["g0m0", "g1m0"]
    with arranged(teams) as engine:
        found = dict(engine.rows("select node_id, community from communities where view = 'people'"))
    planted = defaultdict(set)
    for author, number in found.items():
        planted[author.removeprefix("author/")[:2]].add(number)
    assert [len(numbers) for _, numbers in sorted(planted.items())] == [1, 1, 1]
    assert len(set(found.values())) == 3


def test_community_numbers_fall_with_size_and_every_author_has_one() -> None:
    with arranged(TEAMS) as engine:
        sizes = [size for _, size in engine.rows("select community, count(*) from communities where view = 'people' group by 1 order by 1")]
        authors = engine.value("select count(*) from authors")
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == authors


def test_split_is_as_modular_as_networkx_on_the_whole_graph() -> None:
    known = networkx.karate_club_graph()
    edges = [(f"{a:02}", f"{b:02}", float(data["weight"])) for a, b, data in known.edges(data=True)]
    named = networkx.Graph()
    named.add_weighted_edges_from(edges)
    groups = split([], edges)
    assert sorted(node for group in groups for node in group) == sorted(named)
    ours = networkx.community.modularity(named, groups)
    assert ours > networkx.community.modularity(named, networkx.community.greedy_modularity_communities(named, weight="weight")) - 0.01


def test_ranks_agree_with_networkx() -> None:
    with arranged(TEAMS) as engine:
        rows = engine.rows("select node_id, degree, strength, participation from ranks where view = 'people'")
        reference = networkx.Graph()
        reference.add_weighted_edges_from((a, b, float(weight)) for a, b, weight in engine.rows("select source, target, weight from coauthorships"))
        group = dict(engine.rows("select node_id, community from communities where view = 'people'"))
    assert len(rows) == len(reference)
    for node, degree, strength, participation in rows:
        assert degree == reference.degree(node)
        total = reference.degree(node, weight="weight")
        assert float(strength) == pytest.approx(total, abs=1e-6)
        into: dict[int, float] = defaultdict(float)
        for other, data in reference.adj[node].items():
            into[group[other]] += data["weight"]
        assert float(participation) == pytest.approx(1 - sum((weight / total) ** 2 for weight in into.values()), abs=1e-6)
    assert max(float(participation) for *_, participation in rows) > 0


def test_an_empty_graph_gives_empty_tables() -> None:
    with arranged({}) as engine:
        assert [engine.value(f"select count(*) from {table}") for table in ("communities", "ranks", "layout")] == [0, 0, 0]


def test_drawn_edges_join_small_teams_pairwise_and_large_ones_to_their_paper() -> None:
    with graph(TEAMS) as engine:
        edges = engine.rows(derivation("drawn"))
    pairs = {(a, b) for view, a, b, _ in edges if view == "people" and b.startswith("author/")}
    spokes = {(a, b) for view, a, b, _ in edges if view == "people" and b.startswith("paper/")}
    small = [members for members in TEAMS.values() if len(members) <= 15]
    assert pairs == {(f"author/{a}", f"author/{b}") for members in small for a, b in combinations(sorted(members), 2)}
    assert spokes == {(f"author/{member}", "paper/large") for member in TEAMS["large"]}
