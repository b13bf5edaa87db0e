"""Connected components of graphs of numbered nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def components(near: Sequence[Iterable[int]]) -> Iterator[list[int]]:
    """The components, each in rising order, in the order of their smallest node.

    networkx gives sets of nodes of a graph that it holds as dictionaries of dictionaries: 60 MB more for 70,000 authors.

    Args:
        near: for each node, the nodes that it is joined to, both ways.

    >>> list(components([[2], [], [0]]))
    [[0, 2], [1]]
    """
    seen = [False] * len(near)
    for start in range(len(near)):
        if seen[start]:
            continue
        seen[start] = True
        members = [start]
        for member in members:
            for other in near[member]:
                if not seen[other]:
                    seen[other] = True
                    members.append(other)
        yield sorted(members)
