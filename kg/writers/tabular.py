"""Tables -> Parquet and CSV, by DuckDB: a file a table, rows in the order of the key, so the same tables give the same bytes.

They hold all tables and all text as it is: only what a spreadsheet would run is changed, and that only when asked.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.engine import Engine, sql_path
from kg.errors import OutputError
from kg.tables import TABLES, Column, Table

# Cells that spreadsheets run: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = r"^[=+\-@\t\r]"


def write_parquet(engine: Engine, folder: Path) -> list[Path]:
    """Write each table as ``<table>.parquet`` into a folder, which is made if it is not there; the files written.

    Raises:
        OutputError: a file cannot be written; others, or a part of it, may stand there.

    >>> import tempfile
    >>> with Engine() as engine, tempfile.TemporaryDirectory() as folder:
    ...     engine.create("aliases", "select 'paper/b' as alias_id, 'paper/a' as target_id, 'same DOI' as reason")
    ...     [path.name for path in write_parquet(engine, Path(folder))]
    ...     engine.rows("select * from read_parquet($path)", path=str(Path(folder, "aliases.parquet")))
    ['aliases.parquet']
    [('paper/b', 'paper/a', 'same DOI')]
    """
    return [_copy(engine, _ordered(TABLES[name]), folder / f"{name}.parquet", "format parquet, compression zstd") for name in engine.tables()]


def write_csv(engine: Engine, folder: Path, *, formula_safe: bool = False) -> list[Path]:
    """Write each table as ``<table>.csv`` into a folder, which is made if it is not there; the files written.

    RFC 4180: UTF-8, a header, CRLF after each row, quotes round text that needs them. Null is an empty cell, and empty text ``""``.

    Args:
        formula_safe: put an apostrophe before text that a spreadsheet would take for a formula, because it begins with
            ``= + - @``, a tab or a carriage return. Numbers stay. The text is then another: not for reading back.

    Raises:
        OutputError: a file cannot be written; others, or a part of it, may stand there.

    >>> import tempfile
    >>> with Engine() as engine, tempfile.TemporaryDirectory() as folder:
    ...     engine.create("aliases", "select 'paper/b' as alias_id, 'paper/a' as target_id, '=1+1' as reason")
    ...     [path] = write_csv(engine, Path(folder), formula_safe=True)
    ...     path.read_bytes()
    b"alias_id,target_id,reason\\r\\npaper/b,paper/a,'=1+1\\r\\n"
    """
    # DuckDB ends lines with LF only, so the lines are made in SQL and written as they are.
    raw = "format csv, header false, quote '', escape '', delimiter ''"
    return [_copy(engine, _csv_lines(TABLES[name], formula_safe=formula_safe), folder / f"{name}.csv", raw) for name in engine.tables()]


def table_hashes(engine: Engine) -> dict[str, str]:
    """The SHA-256 of each table's ordered Parquet, by table: what "the same twice" means for ``kg.duckdb``, whose own bytes never are.

    Equal for equal rows, whatever their order in the database and the number of threads, as long as DuckDB's version is one.

    Raises:
        OutputError: the temporary folder cannot hold the files.

    >>> with Engine() as engine:
    ...     engine.create("aliases", "select 'paper/b' as alias_id, 'paper/a' as target_id, 'same DOI' as reason")
    ...     before = table_hashes(engine)
    ...     engine.run("update aliases set reason = 'same title'")
    ...     list(before), before == table_hashes(engine)
    (['aliases'], False)
    """
    hashes = {}
    with tempfile.TemporaryDirectory(prefix="paperkg-") as folder:
        for name in engine.tables():
            path = _copy(engine, _ordered(TABLES[name]), Path(folder, f"{name}.parquet"), "format parquet, compression zstd")
            with path.open("rb") as file:
                hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
            path.unlink()
    return hashes


def _ordered(table: Table) -> str:
    """A SELECT of a table's columns, rows in the order of its key."""
    return f"select {', '.join(column.name for column in table.columns)} from {table.name} order by {', '.join(table.key_columns)}"


def _csv_lines(table: Table, *, formula_safe: bool) -> str:
    """A SELECT of a table's lines of CSV, each but for its LF: the header, then the rows in the order of the key."""
    cells = [f"coalesce({_csv_cell(column, formula_safe=formula_safe)}, '')" for column in table.columns]
    header = ",".join(column.name for column in table.columns)
    keys = ", ".join(table.key_columns)
    return f"""
        select line
        from (
            select 0 as part, {", ".join("null" for _ in table.key_columns)}, '{header}' || chr(13)
            union all
            select 1, {keys}, {" || ',' || ".join(cells)} || chr(13) from {table.name}
        ) lines(part, {keys}, line)
        order by part, {keys}
    """


def _csv_cell(column: Column, *, formula_safe: bool) -> str:
    """SQL for a cell: text in quotes where it has to be."""
    if column.type != "varchar":
        return f"cast({column.name} as varchar)"
    text = column.name
    if formula_safe:
        text = f"case when regexp_matches({text}, '{_FORMULA}') then chr(39) || {text} else {text} end"
    quoted = f"""'"' || replace({text}, '"', '""') || '"'"""
    return f"""case when {column.name} = '' or regexp_matches({column.name}, '[",\\r\\n]') then {quoted} else {text} end"""


def _copy(engine: Engine, select: str, path: Path, options: str) -> Path:
    """Write the rows of a SELECT to a file; its path."""
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        engine.run(f"copy ({select}) to {sql_path(path)} ({options})")
    return path


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say which file could not be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {path.name}: {error.strerror or error}") from error
    except OutputError as error:  # the engine's, which does not know what the file is called
        raise OutputError(f"cannot write {path.name}: {error.__cause__ or error}") from error
