"""The engine: tables by their declaration, rows in and out."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.engine import Engine, derivation
from kg.errors import OutputError, SchemaError
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


_LONG = "select count(*) from range(10000000000) a, range(10000) b"


@pytest.mark.parametrize("ask", [Engine.run, Engine.rows, Engine.value, lambda engine, sql: list(engine.stream(sql))])
def test_ctrl_c_while_sql_runs_is_ctrl_c(ask: Callable[[Engine, str], Any]) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    with Engine(threads=1) as engine:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            ask(engine, _LONG)
    timer.join()


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kg.duckdb").write_bytes(content)
    with pytest.raises(SchemaError, match=r"kg\.duckdb: cannot be opened as tables \(.*\); build again"):
        Engine(tmp_path / "kg.duckdb", read_only=True)


def test_a_database_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the tables cannot be written"):
        Engine(tmp_path / "none" / "kg.duckdb")


def test_a_name_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(OutputError, match="its name is not UTF-8"):
        Engine(Path("/tmp/\udcff.duckdb"))


def test_a_tilde_is_no_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~").mkdir()
    Engine(Path("~/kg.duckdb")).close()
    assert (tmp_path / "~" / "kg.duckdb").is_file()
