"""Communities: which nodes of a view belong together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from kg.derive.components import components
from kg.engine import Engine, derivation

_SEED = 1

Edge = tuple[str, str, float]


def communities(engine: Engine) -> None:
    """Make the table ``communities``, for each view by Louvain's method.

    Papers and concepts are split by the edges that are drawn (``drawn.sql``), people by their co-authorships. A paper's people
    who have no other paper stay together: they are one node, tied to itself and to the others by the weight of all their pairs, which
    halves the nodes to split and, but for keeping them together, is the same question. Every author has a
    community; of papers and concepts, those with an edge that is drawn. Numbers fall with the size of the community; of equal ones the
    smallest id is first.

    The method is that of V. D. Blondel et al., J. Stat. Mech. P10008 (2008), as networkx has it. Nodes go in as whole numbers in
    the order of their ids and the seed is fixed, because networkx walks sets, and sets of strings differ by hash seed.

    Raises:
        duckdb.CatalogException: one of the tables authorships, coauthorships, papers, authors, concepts, shared_topics, cooccurrences is missing.

    >>> with Engine() as engine:
    ...     for table in ("papers", "authors", "authorships", "coauthorships", "concepts", "shared_topics", "cooccurrences"):
    ...         engine.declare(table)
    ...     for name in ("ada", "bob", "cyd"):
    ...         engine.run("insert into authors values ($id, $id, 'person', null, 1)", id=f"author/{name}")
    ...     engine.run("insert into papers values ('paper/a', 'A', null, null, null, null, null, null, 2, true)")
    ...     engine.run("insert into authorships values ('paper/a', 'author/bob', 1, 'Bob'), ('paper/a', 'author/cyd', 2, 'Cyd')")
    ...     communities(engine)
    ...     engine.rows("select node_id, community from communities where view = 'people'")
    [('author/ada', 1), ('author/bob', 0), ('author/cyd', 0)]
    """
    edges: dict[str, list[Edge]] = {"papers": [], "concepts": []}
    for view, source, target, weight in engine.rows(f"select * from ({derivation('drawn')}) where view <> 'people'"):
        edges[view].append((source, target, float(weight)))
    authors = [node for (node,) in engine.rows("select author_id from authors")]
    engine.declare("communities")
    for view, groups in (
        ("concepts", split([], edges["concepts"])),
        ("papers", split([], edges["papers"])),
        ("people", _split_people(engine, authors)),
    ):
        groups.sort(key=lambda group: (-len(group), group[0]))
        rows = sorted((view, node, number) for number, group in enumerate(groups) for node in group)
        engine.insert("communities", ("view", "node_id", "community"), rows)


def split(nodes: Iterable[str], edges: Iterable[Edge]) -> list[list[str]]:
    """Groups of nodes that belong together, each sorted. Nodes are those named and all ends of edges; weights count.

    An edge from a node to itself counts for what it stands for inside the node. Without such, a component that is a star, a clique or
    of fewer than four nodes has nothing to split and is not tried.

    >>> square = [("a", "b", 1.0), ("c", "d", 1.0), ("b", "c", 0.1), ("a", "d", 0.1)]
    >>> sorted(split(["e"], square))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    import networkx  # a tenth of a second that only a build needs

    edges = sorted(edges)
    names = sorted({*nodes, *(source for source, _, _ in edges), *(target for _, target, _ in edges)})
    number = {name: position for position, name in enumerate(names)}
    # Plain dictionaries first, and a networkx graph of one component at a time, to save memory.
    near: list[dict[int, float]] = [{} for _ in names]
    for source, target, weight in edges:
        near[number[source]][number[target]] = near[number[target]][number[source]] = weight
    groups: list[list[int]] = []
    for members in components(near):
        degrees = [len(near[member]) for member in members]
        size, links = len(members), sum(degrees) // 2
        heavy = any(member in near[member] for member in members)
        if size == 1 or (not heavy and (size < 4 or links == size * (size - 1) // 2 or max(degrees) == links)):
            groups.append(members)
            continue
        part = networkx.Graph()
        part.add_nodes_from(members)
        part.add_weighted_edges_from((a, b, near[a][b]) for a in members for b in sorted(near[a]) if a <= b)
        groups.extend(sorted(group) for group in networkx.community.louvain_communities(part, weight="weight", seed=_SEED))
    return [[names[member] for member in group] for group in groups]


def _split_people(engine: Engine, authors: list[str]) -> list[list[str]]:
    """Groups of authors. A crew, the people of one paper who have no other, goes by the paper's id until the end."""
    papers_of: Counter[str] = Counter()
    teams: dict[str, list[str]] = defaultdict(list)
    for paper, author in engine.rows("select paper_id, author_id from authorships order by all"):
        papers_of[author] += 1
        teams[paper].append(author)
    several = {author for author, papers in papers_of.items() if papers > 1}
    edges: list[Edge] = [
        (source, target, float(weight))
        for source, target, weight in engine.rows("select source, target, weight from coauthorships")
        if source in several and target in several
    ]
    crews: dict[str, list[str]] = {}
    for paper, members in teams.items():
        crew = [author for author in members if author not in several]
        if not crew:
            continue
        crews[paper] = crew
        pair = 1 / max(1, len(members) - 1)
        edges.extend((author, paper, pair * len(crew)) for author in members if author in several)
        if len(crew) > 1:
            edges.append((paper, paper, pair * len(crew) * (len(crew) - 1) / 2))
    groups = split([*crews, *(author for author in authors if author in several or author not in papers_of)], edges)
    return [sorted(author for node in group for author in crews.get(node, [node])) for group in groups]
