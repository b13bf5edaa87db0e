"""The engine: tables by their declaration, rows in and out."""

from __future__ import annotations

import pytest

from kg.engine import Engine, derivation
from kg.errors import SchemaError
from kg.tables import TABLES


def test_a_select_without_a_column_of_the_table_is_refused() -> None:
    with Engine() as engine, pytest.raises(SchemaError, match="aliases"):
        engine.create("aliases", "select 'a' as alias_id, 'b' as target_id")


def test_a_null_where_none_may_be_is_refused() -> None:
    with Engine() as engine, pytest.raises(SchemaError, match="reason"):
        engine.create("aliases", "select 'a' as alias_id, 'b' as target_id, null as reason")


def test_rows_come_out_as_they_went_in() -> None:
    rows = [("a\u2028b", None), ("한 🙂 \"'\\", "x"), ("c" * 10_000, "y")]
    with Engine() as engine:
        engine.run("create table t (a varchar, b varchar)")
        assert engine.insert("t", ("a", "b"), iter(rows)) == 3
        assert engine.rows("select * from t") == rows
        assert list(engine.stream("select * from t", chunk=1)) == rows


def test_a_column_of_nothing_but_nulls_is_kept_null() -> None:
    with Engine() as engine:
        engine.run("create table t (a varchar, b integer)")
        engine.insert("t", ("a", "b"), [("x", None), ("y", None)])
        assert engine.rows("select * from t") == [("x", None), ("y", None)]


def test_parameters_that_a_text_does_not_name_are_left_out() -> None:
    with Engine() as engine:
        assert engine.value("select $max_team", max_team=3, other=1) == 3


def test_tables_are_listed_in_the_order_of_the_architecture() -> None:
    with Engine() as engine:
        for name in reversed(TABLES):
            engine.declare(name)
        assert engine.tables() == list(TABLES)


def test_every_derivation_says_what_a_row_is() -> None:
    for name in ("coauthorships", "shared_topics", "cooccurrences", "concept_months", "counted_topics", "topic_neighbours"):
        assert derivation(name).startswith(f"-- {name}: ")


def test_every_reference_points_to_a_column_that_is_there() -> None:
    for table in TABLES.values():
        own = {column.name for column in table.columns}
        for column, target in table.references:
            name, _, key = target.partition(".")
            assert column in own
            assert key in {c.name for c in TABLES[name].columns}
