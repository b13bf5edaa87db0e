"""Communities: which nodes of a view belong together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from kg.engine import Engine, derivation

_SEED = 1

Edge = tuple[str, str, float]


def communities(engine: Engine) -> None:
    """Make the table ``communities``, for each view by Louvain's method.

    Papers and concepts are split by the edges that are drawn (``drawn.sql``). People are split together with their papers, as
    one graph of two kinds of nodes: teams then count by what ties them to others, not by the square of their size. An author
    of a single paper goes with that paper, which leaves a fifth of the nodes to split. Every author and paper has a community; of
    concepts, those that are drawn. Numbers fall with the size of the community; of equal ones the smallest id is first.

    The method is that of V. D. Blondel et al., J. Stat. Mech. P10008 (2008), as networkx has it. Nodes go in as whole numbers in
    the order of their ids and the seed is fixed, because networkx walks sets, and sets of strings differ by hash seed.

    Raises:
        duckdb.CatalogException: one of the tables authorships, papers, authors, concepts, shared_topics, cooccurrences is missing.

    >>> with Engine() as engine:
    ...     for table in ("papers", "authors", "authorships", "concepts", "shared_topics", "cooccurrences"):
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
    papers = [node for (node,) in engine.rows("select paper_id from papers")]
    authors = [node for (node,) in engine.rows("select author_id from authors")]
    engine.declare("communities")
    for view, groups in (
        ("concepts", split([], edges["concepts"])),
        ("papers", split(papers, edges["papers"])),
        ("people", _split_people(authors, engine.rows("select paper_id, author_id from authorships"))),
    ):
        groups.sort(key=lambda group: (-len(group), group[0]))
        rows = sorted((view, node, number) for number, group in enumerate(groups) for node in group)
        engine.insert("communities", ("view", "node_id", "community"), rows)


def split(nodes: Iterable[str], edges: Iterable[Edge]) -> list[list[str]]:
    """Groups of nodes that belong together, each sorted. Nodes are those named and all ends of edges; weights count.

    A component that is a tree of one root, a clique or of fewer than four nodes has nothing to split and is not tried.

    >>> square = [("a", "b", 1.0), ("c", "d", 1.0), ("b", "c", 0.1), ("a", "d", 0.1)]
    >>> sorted(split(["e"], square))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    import networkx  # a tenth of a second that only a build needs

    edges = sorted(edges)
    names = sorted({*nodes, *(source for source, _, _ in edges), *(target for _, target, _ in edges)})
    number = {name: position for position, name in enumerate(names)}
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(names)))
    graph.add_weighted_edges_from((number[source], number[target], weight) for source, target, weight in edges)
    groups: list[list[int]] = []
    for component in networkx.connected_components(graph):
        members = sorted(component)
        degrees = [graph.degree(member) for member in members]
        size, links = len(members), sum(degrees) // 2
        if size < 4 or links == size * (size - 1) // 2 or max(degrees) == links:
            groups.append(members)
            continue
        part = networkx.Graph()
        part.add_nodes_from(members)
        part.add_weighted_edges_from((a, b, graph[a][b]["weight"]) for a in members for b in sorted(graph[a]) if a < b)
        groups.extend(sorted(group) for group in networkx.community.louvain_communities(part, weight="weight", seed=_SEED))
    return [[names[member] for member in group] for group in groups]


def _split_people(authors: list[str], authorships: list[tuple[str, str]]) -> list[list[str]]:
    papers_of = Counter(author for _, author in authorships)
    single = defaultdict(list)
    edges: list[Edge] = []
    for paper, author in authorships:
        if papers_of[author] == 1:
            single[paper].append(author)
        else:
            edges.append((paper, author, 1.0))
    known = set(authors)
    groups: list[list[str]] = []
    for group in split(single, edges):
        people = [node for node in group if node in known] + [author for paper in group for author in single.get(paper, ())]
        if people:
            groups.append(sorted(people))
    return groups + [[author] for author in authors if author not in papers_of]
