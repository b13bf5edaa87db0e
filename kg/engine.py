"""Run SQL: DuckDB in the process. The one place that knows the engine; stages see tables and SELECTs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from kg.errors import OutputError, SchemaError
from kg.tables import TABLES

_CHUNK_ROWS = 50_000
# A full disk shows as any of them, by the moment at which it fills: a block, a commit, a checkpoint.
_DISK_ERRORS = (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)
_PARAMETER = re.compile(r"\$([a-z_]+)")


class Engine:
    """A database of tables, in memory or in a file, to be closed.

    Args:
        path: the database file; None for one in memory.
        read_only: open an existing file without locking others out.
        threads: how many threads SQL may use; None for one a core.
        memory_mb: what SQL may hold in memory before it spills to ``spill``; None for DuckDB's own limit.
        spill: the folder to spill to.

    Raises:
        SchemaError: the file to read is no database.
        OutputError: the file to write cannot be made.

    >>> with Engine() as engine:
    ...     engine.create("aliases", "select 'paper/b' as alias_id, 'paper/a' as target_id, 'same DOI' as reason")
    ...     engine.rows("select * from aliases")
    [('paper/b', 'paper/a', 'same DOI')]
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        read_only: bool = False,
        threads: int | None = None,
        memory_mb: int | None = None,
        spill: Path | None = None,
    ) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        if threads is not None:
            config["threads"] = threads
        if memory_mb is not None:
            config["memory_limit"] = f"{memory_mb}MB"
        if spill is not None:
            config["temp_directory"] = _path_text(spill)
        try:
            self.connection = duckdb.connect(":memory:" if path is None else _path_text(path), read_only=read_only, config=config)
        except duckdb.Error as error:
            if read_only:
                raise SchemaError(f"{path}: cannot be opened as tables ({_first_line(error)}); build again") from error
            raise OutputError(f"{path}: the tables cannot be written: {_first_line(error)}") from error
        self.connection.execute("set timezone = 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; what was not committed is lost."""
        self.connection.close()

    def run(self, sql: str, **parameters: Any) -> None:
        """Run a statement for its effect. Parameters that the text does not name are left out."""
        self._execute(sql, parameters)

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a SELECT."""
        result = self._execute(sql, parameters)
        with _explained():
            return result.fetchall()

    def stream(self, sql: str, *, chunk: int = 10_000, **parameters: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT, one at a time. Other statements may run in between, but temporary tables cannot be seen from here."""
        cursor = self.connection.cursor()
        try:
            with _explained():
                result = cursor.execute(sql, _named(sql, parameters))
                rows = result.fetchmany(chunk)
            while rows:
                yield from rows
                with _explained():
                    rows = result.fetchmany(chunk)
        finally:
            cursor.close()

    def value(self, sql: str, **parameters: Any) -> Any:
        """The one value of a SELECT of one row and column."""
        result = self._execute(sql, parameters)
        with _explained():
            row = result.fetchone()
        return None if row is None else row[0]

    def create(self, name: str, select: str, **parameters: Any) -> None:
        """Make a table of `kg.tables` from a SELECT of its columns, in the order of its key.

        Raises:
            SchemaError: the SELECT does not give the table's columns, or gives a null where none may be.
        """
        self.declare(name)
        self.append(name, select, **parameters)

    def declare(self, name: str) -> None:
        """Make an empty table of `kg.tables`."""
        self.run(TABLES[name].ddl())

    def append(self, name: str, select: str, **parameters: Any) -> None:
        """Add the rows of a SELECT, found by column name, to a table of `kg.tables`, ordered by its key."""
        table = TABLES[name]
        columns = ", ".join(column.name for column in table.columns)
        sql = f"insert into {name} ({columns}) select {columns} from ({select.rstrip().rstrip(';')}\n) order by {', '.join(table.key_columns)}"
        try:
            self.run(sql, **parameters)
        except (duckdb.BinderException, duckdb.ConstraintException) as error:
            raise SchemaError(f"cannot make table {name}: {error}") from error

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Add rows of Python values to a table, in chunks of bounded memory; their number.

        Columns are handed over as NumPy object arrays: sixty times faster than ``executemany``.
        """
        import numpy

        total = 0
        iterator = iter(rows)
        names = ", ".join(columns)
        while chunk := list(islice(iterator, _CHUNK_ROWS)):
            arrays: dict[str, Any] = {}
            for position, column in enumerate(columns):
                arrays[column] = values = numpy.empty(len(chunk), dtype=object)
                values[:] = [row[position] for row in chunk]
            self.connection.register("inserted_rows", arrays)
            self._execute(f"insert into {table} ({names}) select {names} from inserted_rows", {})
            self.connection.unregister("inserted_rows")
            total += len(chunk)
        return total

    def read_kept(self, table: str, columns: Sequence[str], path: Path, *, where: str = "true") -> bool:
        """Add the rows of a Parquet file that was kept to save time; whether it was there and could be read.

        One that is cut short, damaged or of another make adds nothing.

        >>> with Engine() as engine:
        ...     engine.run("create table t (a integer)")
        ...     engine.read_kept("t", ("a",), Path("nowhere.parquet"))
        False
        """
        names = ", ".join(columns)
        try:
            self.run(f"insert into {table} ({names}) select {names} from read_parquet({sql_path(path)}) where {where}")
        except (duckdb.Error, OutputError):
            return False
        return True

    def tables(self) -> list[str]:
        """The names of the tables of `kg.tables` that are there, in their order."""
        present = {name for (name,) in self.rows("select table_name from information_schema.tables where table_schema = 'main'")}
        return [name for name in TABLES if name in present]

    def _execute(self, sql: str, parameters: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        with _explained():
            return self.connection.execute(sql, _named(sql, parameters))


@contextmanager
def _explained() -> Iterator[None]:
    """The engine's errors of which the user can do something, as ours; Ctrl-C as Python raises it."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise OutputError(f"memory ran out: {_first_line(error)}; allow more with --memory-mb") from error
    except _DISK_ERRORS as error:
        raise OutputError(f"the tables cannot be written: {_first_line(error)}") from error
    except (RuntimeError, duckdb.InterruptException) as error:
        # While SQL runs, Ctrl-C is heard by the engine, which has an error of its own for it.
        if isinstance(error, duckdb.InterruptException) or str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def sql_path(path: Path) -> str:
    """A path as SQL text, quotes and all: from the root, since the engine takes a leading ``~`` for the home folder.

    Raises:
        OutputError: its name is no Unicode, of which the engine cannot make a file.

    >>> sql_path(Path("/tmp/it's.csv"))
    "'/tmp/it''s.csv'"
    """
    return "'" + _path_text(path).replace("'", "''") + "'"


def _path_text(path: Path) -> str:
    text = str(path.absolute())
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise OutputError(f"{path}: its name is not UTF-8, and tables can be kept under none such; choose another with -o") from error
    return text


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _named(sql: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Those of the parameters that the text names (DuckDB refuses others)."""
    if not parameters:
        return {}
    return {name: parameters[name] for name in _PARAMETER.findall(sql) if name in parameters}


def derivation(name: str) -> str:
    """The text of ``kg/derive/<name>.sql``.

    >>> derivation("coauthorships").splitlines()[0]
    '-- coauthorships: two authors who wrote together'
    """
    return (files("kg.derive") / f"{name}.sql").read_text(encoding="utf-8")
