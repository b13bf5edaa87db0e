"""Ranks: how central a node of a view is."""

from __future__ import annotations

from kg.engine import Engine, derivation


def ranks(engine: Engine) -> None:
    """Make the table ``ranks``: neighbours, sum of weights, and participation in other communities (see ``ranks.sql``).

    Raises:
        duckdb.CatalogException: one of the tables coauthorships, shared_topics, cooccurrences, communities is missing.

    >>> with Engine() as engine:
    ...     for table in ("coauthorships", "shared_topics", "cooccurrences", "communities"):
    ...         engine.declare(table)
    ...     engine.run("insert into communities values ('people', 'author/b', 0), ('people', 'author/c', 1)")
    ...     engine.run("insert into coauthorships values ('author/a', 'author/b', 1, 0.5, null, null), ('author/a', 'author/c', 1, 0.5, null, null)")
    ...     ranks(engine)
    ...     [(node, degree, float(strength), float(participation)) for _, node, degree, strength, participation in engine.rows("from ranks")]
    [('author/a', 2, 1.0, 0.5), ('author/b', 1, 0.5, 0.0), ('author/c', 1, 0.5, 0.0)]
    """
    engine.create("ranks", derivation("ranks"))
