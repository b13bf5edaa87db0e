"""Shared topics: the SQL of shared_topics.sql and its intermediate tables, run slice by slice."""

from __future__ import annotations

from kg.engine import Engine, derivation

_ROWS_A_SLICE = 4_000_000
"""Joined rows a slice: some 300 MB in DuckDB. Two papers meet once for each concept that they share."""


def shared_topics(engine: Engine, *, rows_a_slice: int = _ROWS_A_SLICE) -> None:
    """Make shared_topics from papers and paper_concepts, in memory bounded by ``rows_a_slice``.

    The result does not depend on the slices, for each paper's neighbours are ranked whole within one.
    """
    engine.run(f"create temp table counted_topics as {derivation('counted_topics')}")
    engine.run("create temp table topic_neighbours (paper bigint, other bigint, concepts bigint, weight decimal(38, 9))")
    slices = engine.rows(_SLICES, rows_a_slice=rows_a_slice)
    for first_paper, last_paper in slices:
        engine.run(f"insert into topic_neighbours {derivation('topic_neighbours')}", first_paper=first_paper, last_paper=last_paper)
    engine.create("shared_topics", derivation("shared_topics"))
    engine.run("drop table topic_neighbours")
    engine.run("drop table counted_topics")


_SLICES = """
with frequencies as (select concept, count(*) as df from counted_topics group by concept),
work as (select paper, sum(df) as joined from counted_topics join frequencies using (concept) group by paper)
select min(paper), max(paper)
from (select paper, sum(joined) over (order by paper) // $rows_a_slice as slice from work)
group by slice order by slice
"""
