"""Layout: where the nodes of each view are drawn, so that the page opens at once and looks the same every time."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.derive.components import components
from kg.engine import Engine, derivation

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Points = NDArray[numpy.float64]

SPACING = 32
"""The least distance of two people, centre to centre, in pixels at scale 1. They are drawn with a radius of at most 14."""

WIDE_SPACING = 56
"""The same for papers and concepts, which are fewer, and drawn with a radius of at most 20."""

_DRAWN = 2_000
"""Nodes a view: what a browser's canvas moves smoothly, and an eye can take in. ``drawn.sql`` has the same limit."""

_HUB = 15
_WHOLE = 400
"""Nodes that are arranged in one go; more are arranged community by community."""

_SELECT = {
    "people": """
        select author_id, 0 from authors left join ranks on view = 'people' and node_id = author_id
        order by papers desc, coalesce(strength, 0) desc, author_id limit $drawn""",
    "papers": """
        select paper_id, coalesce(community, -1) from papers left join ranks r on r.view = 'papers' and r.node_id = paper_id
        left join communities c on c.view = 'papers' and c.node_id = paper_id
        order by coalesce(strength, 0) desc, paper_id limit $drawn""",
    "concepts": """
        select concept_id, community from concepts join communities c on c.view = 'concepts' and c.node_id = concept_id
        order by papers desc, concept_id limit $drawn""",
}


def layout(engine: Engine, *, drawn: int = _DRAWN) -> None:
    """Make the table ``layout``: a row for each node that is drawn, x to the right and y down, in whole pixels at scale 1.

    People stand round their papers: a team in a ring (a team of more than 15 round a hub, which gets a row under the paper's
    id), people of several papers between them. What is left, papers and the people who connect them, is placed by stress majorization
    (E. R. Gansner, Y. Koren, S. North, Graph Drawing 2004) over path lengths, started from the two main axes of classical scaling; then
    discs that touch are pushed apart. More than 400 things are arranged community by community, the communities as discs,
    each turned so that its edges outward are short. Components stand side by side, the largest first. Papers and concepts are placed in the same way.

    Nothing is drawn at random and no sum depends on threads: same tables, same rows.

    Args:
        engine: with the tables authors, papers, authorships, concepts, shared_topics, cooccurrences, communities and ranks.
        drawn: how many nodes a view has at most. The people with most papers, the papers of most shared topics and the concepts of
            most papers are chosen.

    Raises:
        duckdb.CatalogException: one of these tables is missing.

    >>> with Engine() as engine:
    ...     for table in ("papers", "authors", "authorships", "concepts", "shared_topics", "cooccurrences", "communities", "ranks"):
    ...         engine.declare(table)
    ...     for name in ("ada", "bob", "cyd"):
    ...         engine.run("insert into authors values ($id, $id, 'person', null, 1)", id=f"author/{name}")
    ...         engine.run("insert into authorships values ('paper/a', $id, null, $id)", id=f"author/{name}")
    ...     engine.run("insert into papers values ('paper/a', 'A', null, null, null, null, null, null, 3, true)")
    ...     layout(engine)
    ...     engine.rows("select node_id, x, y from layout where view = 'people'")
    [('author/ada', 0, -14), ('author/bob', 16, 14), ('author/cyd', -16, 14)]
    """
    chosen = {view: dict(engine.rows(sql, drawn=drawn)) for view, sql in _SELECT.items()}
    edges: dict[str, list[tuple[str, str]]] = {"papers": [], "concepts": []}
    for view, source, target in engine.rows(f"select view, source, target from ({derivation('drawn')}) where view <> 'people' order by all"):
        if source in chosen[view] and target in chosen[view]:
            edges[view].append((source, target))
    places = {
        "concepts": _place_graph(chosen["concepts"], edges["concepts"]),
        "papers": _place_graph(chosen["papers"], edges["papers"]),
        "people": _place_people(engine, set(chosen["people"])),
    }
    engine.declare("layout")
    for view, nodes in places.items():
        engine.insert("layout", ("view", "node_id", "x", "y"), [(view, node, round(x), round(y)) for node, (x, y) in sorted(nodes.items())])


Places = dict[str, tuple[float, float]]


@dataclass(slots=True)
class _Disc:
    """A thing to be placed: a node, or a paper with its ring of people. ``inside`` are places round its centre."""

    radius: float
    group: int
    inside: Places = field(default_factory=dict)


def _place_graph(nodes: dict[str, int], edges: list[tuple[str, str]]) -> Places:
    """Places for the nodes of an ordinary graph; their communities are given."""
    linked = {end for edge in edges for end in edge}
    discs = {node: _Disc(WIDE_SPACING / 2, community, {node: (0.0, 0.0)}) for node, community in sorted(nodes.items()) if node in linked}
    rest = [node for node in sorted(nodes) if node not in linked]
    return _place(discs, edges, rest)


def _place_people(engine: Engine, people: set[str]) -> Places:
    """Places for people and the hubs of large teams: papers with their rings, people of several papers between them."""
    authorships = engine.rows(
        """select paper_id, author_id, p.authors, coalesce(c.community, -1) from authorships join papers p using (paper_id)
        left join communities c on c.view = 'people' and c.node_id = author_id order by all"""
    )
    team: dict[str, list[str]] = defaultdict(list)
    size: dict[str, int] = {}
    community: dict[str, int] = {}
    for paper, author, authors, number in authorships:
        if author in people:
            team[paper].append(author)
            size[paper] = authors
            community[author] = number
    team = {paper: members for paper, members in team.items() if len(members) > 1}
    papers_of: dict[str, list[str]] = defaultdict(list)
    for paper, members in team.items():
        for member in members:
            papers_of[member].append(paper)
    discs: dict[str, _Disc] = {}
    edges: list[tuple[str, str]] = []
    for paper, members in team.items():
        ring = [member for member in members if len(papers_of[member]) == 1]
        group = min(community[member] for member in members)
        discs[paper] = _ring(paper if size[paper] > _HUB else None, ring, group)
        edges.extend((paper, member) for member in members if len(papers_of[member]) > 1)
    for member, papers in sorted(papers_of.items()):
        if len(papers) > 1:
            discs[member] = _Disc(SPACING / 2, community[member], {member: (0.0, 0.0)})
    return _place(discs, edges, [person for person in sorted(people) if person not in papers_of])


def _ring(hub: str | None, members: list[str], group: int) -> _Disc:
    """A paper's people on a polygon; round a hub, on as many rings as they need."""
    places: Places = {} if hub is None else {hub: (0.0, 0.0)}
    radius = 0.0
    if hub is None:
        radius = 0.0 if len(members) < 2 else SPACING / (2 * math.sin(math.pi / len(members)))
        places |= _circle(members, radius)
    else:
        left = members
        while left:
            radius += SPACING * (1.5 if radius == 0 else 1)
            room = int(math.pi / math.asin(SPACING / (2 * radius)))
            # The last ring is filled evenly, not left with a gap.
            places |= _circle(left[:room], radius)
            left = left[room:]
    return _Disc(radius + (SPACING / 2 if places else SPACING / 4), group, places)


def _circle(members: list[str], radius: float) -> Places:
    step = 2 * math.pi / max(1, len(members))
    return {member: (radius * math.sin(step * place), -radius * math.cos(step * place)) for place, member in enumerate(members)}


def _place(discs: dict[str, _Disc], edges: list[tuple[str, str]], rest: list[str]) -> Places:
    """Arrange each component, pack the components, and put the nodes without edges last."""
    import numpy

    names = sorted(discs)
    number = {name: position for position, name in enumerate(names)}
    near: list[list[int]] = [[] for _ in names]
    for source, target in edges:
        near[number[source]].append(number[target])
        near[number[target]].append(number[source])
    blocks: list[Places] = []
    for members in components(near):
        local = {member: position for position, member in enumerate(members)}
        pairs = [(local[member], local[other]) for member in members for other in sorted(near[member]) if member < other]
        radii = numpy.array([discs[names[member]].radius for member in members])
        groups = numpy.array([discs[names[member]].group for member in members])
        centres = _arrange(radii, pairs, groups)
        block: Places = {}
        for member, (x, y) in zip(members, centres.tolist(), strict=True):
            for node, (dx, dy) in discs[names[member]].inside.items():
                block[node] = (x + dx, y + dy)
        blocks.append(block)
    blocks.extend({node: (0.0, 0.0)} for node in rest)
    return _pack(blocks)


def _arrange(radii: Points, pairs: list[tuple[int, int]], groups: NDArray[Any]) -> Points:
    """Centres for the discs of one connected component, none on another."""
    import numpy

    if len(radii) == 1:
        return numpy.zeros((1, 2))
    numbers = sorted({int(group) for group in groups})
    if len(radii) <= _WHOLE or len(numbers) == 1:
        parts = [(start, min(start + 4 * _WHOLE, len(radii))) for start in range(0, len(radii), 4 * _WHOLE)]
        if len(parts) == 1:
            return _apart(_stress(radii, pairs, groups), radii)
        # A community of thousands: cut into stretches, which keeps the matrices small.
        groups = numpy.arange(len(radii)) // (2 * _WHOLE)
        numbers = sorted({int(group) for group in groups})
    inner: list[Points] = []
    members = [numpy.flatnonzero(groups == group) for group in numbers]
    place = numpy.zeros(len(radii), dtype=int)
    for member in members:
        place[member] = numpy.arange(len(member))
    home = numpy.searchsorted(numpy.array(numbers), groups)
    between: dict[tuple[int, int], int] = defaultdict(int)
    within: list[list[tuple[int, int]]] = [[] for _ in numbers]
    for source, target in pairs:
        a, b = int(home[source]), int(home[target])
        if a == b:
            within[a].append((int(place[source]), int(place[target])))
        else:
            between[min(a, b), max(a, b)] += 1
    for member, links in zip(members, within, strict=True):
        points = _apart(_stress(radii[member], links, groups[member]), radii[member]) if len(member) > 1 else numpy.zeros((1, 2))
        inner.append(points - (points.max(axis=0) + points.min(axis=0)) / 2)
    sizes = numpy.array([float((numpy.hypot(p[:, 0], p[:, 1]) + radii[m]).max()) for p, m in zip(inner, members, strict=True)])
    centres = _apart(_stress(sizes, sorted(between), numpy.zeros(len(numbers), dtype=int)), sizes)
    result = numpy.zeros((len(radii), 2))
    outward: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for source, target in pairs:
        a, b = int(home[source]), int(home[target])
        if a != b:
            outward[a].append((int(place[source]), b))
            outward[b].append((int(place[target]), a))
    for index, (member, points) in enumerate(zip(members, inner, strict=True)):
        cross = dot = 0.0
        for node, other in outward[index]:
            x, y = (centres[other] - centres[index]).tolist()
            length = math.hypot(x, y) or 1.0
            cross += (points[node, 0] * y - points[node, 1] * x) / length
            dot += (points[node, 0] * x + points[node, 1] * y) / length
        turn = math.atan2(cross, dot) if outward[index] else 0.0
        cos, sin = math.cos(turn), math.sin(turn)
        result[member, 0] = centres[index, 0] + points[:, 0] * cos - points[:, 1] * sin
        result[member, 1] = centres[index, 1] + points[:, 0] * sin + points[:, 1] * cos
    return result


def _stress(radii: Points, pairs: list[tuple[int, int]], groups: NDArray[Any]) -> Points:
    """Points whose distances are near to the path lengths between them. Links out of a community are longer by half and a tenth."""
    import numpy

    size = len(radii)
    unknown = numpy.inf
    distance = numpy.full((size, size), unknown)
    for source, target in pairs:
        length = (radii[source] + radii[target] + SPACING * 0.5) * (1.0 if groups[source] == groups[target] else 1.6)
        distance[source, target] = distance[target, source] = length
    numpy.fill_diagonal(distance, 0.0)
    for middle in range(size):  # Floyd and Warshall: a step is one operation on the whole matrix
        numpy.minimum(distance, distance[:, middle, None] + distance[None, middle, :], out=distance)
    reached = distance[numpy.isfinite(distance)]
    # A community need not be connected in itself: what no path reaches stands apart.
    distance[~numpy.isfinite(distance)] = max(float(reached.max()), 2 * float(radii.max())) + SPACING
    points = _main_axes(distance)
    weight = 1.0 / numpy.maximum(distance, 1.0) ** 2
    numpy.fill_diagonal(weight, 0.0)
    total = weight.sum(axis=1)
    pull = weight * distance
    for _ in range(80 if size <= _WHOLE else 40):
        moved = numpy.empty_like(points)
        dx = points[:, 0, None] - points[None, :, 0]
        dy = points[:, 1, None] - points[None, :, 1]
        scale = pull / numpy.maximum(numpy.sqrt(dx * dx + dy * dy), 1e-6)
        moved[:, 0] = ((weight * points[None, :, 0]).sum(axis=1) + (scale * dx).sum(axis=1)) / total
        moved[:, 1] = ((weight * points[None, :, 1]).sum(axis=1) + (scale * dy).sum(axis=1)) / total
        shift = float(numpy.abs(moved - points).max())
        points = moved
        if shift < 0.5:
            break
    return points


def _main_axes(distance: Points) -> Points:
    """Classical scaling: the two main axes of the distances, the longer one first. By power iteration, for sums in a fixed order."""
    import numpy

    square = distance**2
    square = -0.5 * (square - square.mean(axis=0) - square.mean(axis=1)[:, None] + square.mean())
    size = len(distance)
    axes: list[Points] = []
    for seed in (1, 2):
        axis = numpy.sin(numpy.arange(1, size + 1, dtype=float) * seed * 1.618)
        value = 0.0
        for _ in range(40):
            for other in axes:
                axis = axis - other * (axis * other).sum()
            axis = (square * axis).sum(axis=1)
            value = float(numpy.sqrt((axis * axis).sum()))
            axis = axis / (value or 1.0)
        axes.append(axis)
        if seed == 1:
            first = value
        else:
            second = value
    spread = numpy.arange(size, dtype=float) * 1e-3  # two points on one spot would never part
    return numpy.stack([axes[0] * math.sqrt(first), axes[1] * math.sqrt(second) + spread], axis=1)


def _apart(points: Points, radii: Points) -> Points:
    """Push discs that touch apart; where pushing does not end, spread all."""
    import numpy

    points = points.copy()
    need = radii[:, None] + radii[None, :]
    numpy.fill_diagonal(need, 0.0)
    for attempt in range(1, 2_000):
        dx = points[:, 0, None] - points[None, :, 0]
        dy = points[:, 1, None] - points[None, :, 1]
        gap = numpy.sqrt(dx * dx + dy * dy)
        overlap = numpy.maximum(need - gap, 0.0)
        if float(overlap.max()) < 0.5:
            break
        push = 0.55 * overlap / numpy.maximum(gap, 1e-6)
        # Few push at once: whoever is pushed by many moves by the mean of the pushes, or heaps would explode.
        crowd = numpy.maximum(numpy.sqrt((overlap > 0).sum(axis=1)), 1.0)
        points[:, 0] += (push * dx).sum(axis=1) / crowd
        points[:, 1] += (push * dy).sum(axis=1) / crowd
        if attempt % 60 == 0:
            points *= 1.05
    return points


def _pack(blocks: list[Places]) -> Places:
    """Put components side by side, the largest first, in a picture of about 8 to 5.

    Each takes the cells of a grid that it and its margin touch, and goes to the first free place, row by row: so small ones
    fill the bays of large ones; pairs and single nodes stand below all (after K. Freivalds, U. Dogrusoz, P. Kikusts, Graph Drawing 2001).
    """
    import numpy

    if not blocks:
        return {}
    cell = SPACING * 1.25
    margin = SPACING * 1.1
    shapes = []
    for block in blocks:
        points = numpy.array([block[node] for node in sorted(block)])
        low = points.min(axis=0) - margin
        size = numpy.ceil((points.max(axis=0) + margin - low) / cell).astype(int)
        shape = numpy.zeros((int(size[1]), int(size[0])), dtype=bool)
        for x, y in ((points - low) / cell).tolist():
            reach = margin / cell
            shape[max(0, int(y - reach)) : int(y + reach) + 1, max(0, int(x - reach)) : int(x + reach) + 1] = True
        shapes.append((block, low.tolist(), _filled(shape)))
    shapes.sort(key=lambda item: (-len(item[0]), -int(item[2].sum()), min(item[0])))
    across = max(*(shape.shape[1] for _, _, shape in shapes), math.ceil(math.sqrt(1.6 * sum(int(shape.sum()) for _, _, shape in shapes))))
    taken = numpy.zeros((sum(shape.shape[0] for _, _, shape in shapes), across), dtype=bool)
    first: dict[tuple[int, ...], int] = defaultdict(int)
    result: Places = {}
    lowest = 0
    for block, (left, top), shape in shapes:
        height, width = shape.shape
        if len(block) < 3 and not lowest:
            lowest = int(numpy.flatnonzero(taken.any(axis=1)).max()) + 1 if result else 0
        row = max(first[shape.shape], lowest)
        while True:
            windows = numpy.lib.stride_tricks.sliding_window_view(taken[row : row + height], (height, width))[0]
            free = numpy.flatnonzero(~(windows & shape).any(axis=(1, 2)))
            if len(free):
                break
            row += 1
        first[shape.shape] = row  # what found no place above will find none the next time
        column = int(free[0])
        taken[row : row + height, column : column + width] |= shape
        for node, (x, y) in block.items():
            result[node] = (x - left + column * cell, y - top + row * cell)
    xs, ys = [x for x, _ in result.values()], [y for _, y in result.values()]
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    return {node: (x - middle_x, y - middle_y) for node, (x, y) in result.items()}


def _filled(shape: NDArray[Any]) -> NDArray[Any]:
    """A shape without holes in its rows and columns both: nothing is put inside a ring."""
    import numpy

    def between(axis: int) -> NDArray[Any]:
        ahead = numpy.logical_or.accumulate(shape, axis=axis)
        behind = numpy.flip(numpy.logical_or.accumulate(numpy.flip(shape, axis), axis=axis), axis)
        return ahead & behind

    filled: NDArray[Any] = between(0) & between(1)
    return filled
