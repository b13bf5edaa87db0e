"""How likely a candidate is a concept of its paper: boosted trees whose points stand in a readable file, one tree a line.

A tree asks of the features of concept_features.sql, ``[feature, edge, below, from]``, until it comes to points, in hundredths of a nat. The points of
all trees add up, and a logistic turns them into a confidence that is calibrated on papers that trained nothing. ``benchmarks/train_ranker.py`` makes
the file from annotated papers.

Source: J. H. Friedman, Greedy function approximation: a gradient boosting machine, Annals of Statistics 29 (5), 2001.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from kg.engine import Engine

Ranker = dict[str, Any]
"""``start`` points, the ``trees``, and ``confidence``: intercept and slope a point."""


@cache
def shipped() -> Ranker:
    """The ranker that comes with the program.

    >>> sorted(shipped())
    ['about', 'confidence', 'start', 'trees']
    """
    ranker: Ranker = json.loads((files("kg.resolve") / "concept_ranker.json").read_text(encoding="utf-8"))
    return ranker


def points_sql(ranker: Ranker) -> str:
    """A ranker as a SQL expression over the columns of concept_features: whole points.

    >>> points_sql({"start": -10, "trees": [["title", 0.5, -20, ["words", 2.5, 30, 5]]]})
    '-10 + if("title" < 0.5, -20, if("words" < 2.5, 30, 5))'
    """
    return " + ".join([str(int(ranker["start"])), *map(_tree_sql, ranker["trees"])])


def _tree_sql(tree: Any) -> str:
    if isinstance(tree, int):
        return str(tree)
    feature, edge, below, above = tree
    return f'if("{feature}" < {edge}, {_tree_sql(below)}, {_tree_sql(above)})'


_TRUSTED = 250
_OWN = 50
"""Points, at least, of what the user's own pipeline finds, and of a concept of the user's own vocabulary: there the choice was made already."""


def rank(engine: Engine, ranker: Ranker) -> None:
    """Make concept_ranked (paper_id, root, points, confidence) from concept_features."""
    intercept, slope = (float(ranker["confidence"][part]) for part in ("intercept", "slope"))
    engine.run(
        f"""
        create temp table concept_ranked as
        select paper_id, root, points, cast(1 / (1 + exp(-($intercept + $slope * points))) as decimal(4, 3)) as confidence
        from (
            select paper_id, root, greatest({points_sql(ranker)}, case when trusted then {_TRUSTED} when own then {_OWN} else -10000 end) as points
            from concept_features
        )
        """,
        intercept=intercept,
        slope=slope,
    )
