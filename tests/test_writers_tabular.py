"""Parquet and CSV. What stands in the files: test_writers_contract.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_writers_contract import HOSTILE, TABLE_ROWS, csv_by_duckdb, csv_by_python, filled

from kg.engine import Engine
from kg.errors import OutputError
from kg.tables import TABLES
from kg.writers.tabular import table_hashes, write_csv, write_parquet


def test_parquet_columns_have_the_types_of_the_tables(tmp_path: Path) -> None:
    with filled() as engine:
        for path in write_parquet(engine, tmp_path):
            types = [(name, kind.lower()) for name, kind, *_ in engine.rows("describe from read_parquet($path)", path=str(path))]
            assert types == [(column.name, column.type) for column in TABLES[path.stem].columns]


def test_only_the_tables_that_are_there_are_written(tmp_path: Path) -> None:
    with Engine() as engine:
        engine.declare("venues")
        engine.declare("authors")
        assert [path.name for path in write_csv(engine, tmp_path)] == ["authors.csv", "venues.csv"]
        assert list(table_hashes(engine)) == ["authors", "venues"]


@pytest.mark.parametrize("write", [write_parquet, write_csv])
def test_the_same_rows_give_the_same_bytes_in_any_order_and_with_any_threads(write: Callable[[Engine, Path], list[Path]], tmp_path: Path) -> None:
    with filled(threads=1) as engine:
        first = [path.read_bytes() for path in write(engine, tmp_path / "first")]
    for seed in (1, 2):
        with filled(shuffled=seed, threads=2) as engine:
            assert [path.read_bytes() for path in write(engine, tmp_path / "again")] == first


def many(*, threads: int, descending: bool) -> Engine:
    """Two row groups of rows, put in from either end."""
    engine = Engine(threads=threads)
    engine.declare("paper_concepts")
    engine.run(
        "insert into paper_concepts select format('paper/{:06d}', i // 7), format('concept/{:d}', i % 7), 1.0 / (1 + i % 13), i % 3 = 0 "
        f"from range(200000) r(i) order by i {'desc' if descending else ''}"
    )
    return engine


def test_hashes_are_equal_for_equal_rows_over_many_row_groups() -> None:
    with many(threads=1, descending=False) as one, many(threads=2, descending=True) as other:
        assert table_hashes(one) == table_hashes(other)


@pytest.mark.parametrize(("write", "suffix"), [(write_parquet, "parquet"), (write_csv, "csv")])
def test_long_tables_are_the_same_bytes_with_any_threads(write: Callable[[Engine, Path], list[Path]], suffix: str, tmp_path: Path) -> None:
    with many(threads=1, descending=False) as one, many(threads=4, descending=True) as other:
        write(one, tmp_path / "one")
        write(other, tmp_path / "other")
    name = f"paper_concepts.{suffix}"
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_hash_changes_with_one_value_and_no_other_does() -> None:
    with filled() as engine:
        before = table_hashes(engine)
        engine.run("update coauthorships set weight = weight + 0.000000001 where source = 'author/a003'")
        after = table_hashes(engine)
    assert {name for name in before if before[name] != after[name]} == {"coauthorships"}
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in before.values())


def test_csv_lines_end_in_crlf_and_text_that_needs_none_has_no_quotes(tmp_path: Path) -> None:
    with Engine() as engine:
        engine.create("venues", "select 'venue/v' as venue_id, 'a b' as name, 'Periodical' as kind union all select 'venue/w', 'a,b', 'x\"y'")
        [path] = write_csv(engine, tmp_path)
    assert path.read_bytes() == b'venue_id,name,kind\r\nvenue/v,a b,Periodical\r\nvenue/w,"a,b","x""y"\r\n'


def test_csv_tells_empty_text_from_null(tmp_path: Path) -> None:
    with Engine() as engine:
        engine.create("authors", "select 'author/a' as author_id, '' as name, 'person' as kind, null as orcid, 1 as papers")
        [path] = write_csv(engine, tmp_path)
    assert path.read_bytes().endswith(b'author/a,"",person,,1\r\n')


def test_formulas_are_disarmed_only_when_asked_and_numbers_stay(tmp_path: Path) -> None:
    with filled() as engine:
        write_csv(engine, tmp_path / "plain")
        write_csv(engine, tmp_path / "safe", formula_safe=True)
    assert csv_by_python(tmp_path / "safe" / "layout.csv") == csv_by_python(tmp_path / "plain" / "layout.csv")
    assert any(row[2].startswith("-") for row in csv_by_python(tmp_path / "safe" / "layout.csv"))
    plain = [row[2] for row in csv_by_python(tmp_path / "plain" / "concept_labels.csv")]
    safe = [row[2] for row in csv_by_python(tmp_path / "safe" / "concept_labels.csv")]
    dangerous = ("=", "+", "-", "@", "\t", "\r")
    assert sorted(plain) == sorted(HOSTILE)
    assert safe == [f"'{text}" if text.startswith(dangerous) else text for text in plain]
    assert sum(text.startswith(dangerous) for text in plain) >= 6
    cells = [cell for path in (tmp_path / "safe").iterdir() for row in csv_by_python(path) for cell in row if cell is not None]
    assert [cell for cell in cells if cell.startswith(dangerous) and not re.fullmatch(r"-\d+", cell)] == []


@settings(deadline=None, max_examples=20)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), min_size=1, max_size=5, unique=True))
def test_any_text_comes_back_from_csv(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    with Engine() as engine:
        engine.declare("venues")
        engine.insert("venues", ("venue_id", "name", "kind"), [(f"venue/{number}", text, "x") for number, text in enumerate(texts)])
        [path] = write_csv(engine, tmp_path_factory.mktemp("text"))
    for read in (csv_by_python, csv_by_duckdb):
        assert [row[1] for row in read(path)] == texts, read


@pytest.mark.parametrize("write", [write_parquet, write_csv])
def test_a_folder_that_cannot_be_made_is_an_error_that_names_the_file(write: Callable[[Engine, Path], list[Path]], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with filled() as engine, pytest.raises(OutputError, match=r"cannot write sources\.(parquet|csv): "):
        write(engine, tmp_path / "taken")


@pytest.mark.parametrize(("write", "suffix"), [(write_parquet, "parquet"), (write_csv, "csv")])
def test_a_file_that_cannot_be_replaced_is_an_error_that_names_it(write: Callable[[Engine, Path], list[Path]], suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"venues.{suffix}").mkdir()
    with filled() as engine, pytest.raises(OutputError, match=rf"cannot write venues\.{suffix}: "):
        write(engine, tmp_path)


@pytest.mark.parametrize("write", [write_parquet, write_csv])
def test_a_folder_may_have_quotes_in_its_name(write: Callable[[Engine, Path], list[Path]], tmp_path: Path) -> None:
    with filled() as engine:
        paths = write(engine, tmp_path / 'it\'s "mine"; --')
    assert [path.stem for path in paths] == list(TABLE_ROWS) == sorted(TABLE_ROWS, key=list(TABLES).index)
    assert all(path.is_file() for path in paths)
