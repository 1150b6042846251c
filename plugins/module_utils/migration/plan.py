"""Which table of SQLite goes where: read from both databases, nothing known beforehand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from .catalog import Column, Description
from .encoding import TYPES
from .errors import FileRefused, TargetRefused
from .sqlite_file import Table

_BIG_VALUE = 256 << 10
_BATCH_BYTES = 4 << 20
_BATCH_ROWS = 2000
_FIXED_WIDTH = 16


@dataclass(frozen=True)
class Move:
    """One table: its columns in PostgreSQL's order, without those that PostgreSQL computes."""

    table: str
    columns: tuple[Column, ...]
    rows: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def types(self) -> list[tuple[str, str]]:
        """What encoding.Encoder wants."""
        return [(column.name, column.type) for column in self.columns]

    @property
    def batch(self) -> int:
        """How many rows may be in memory at once: few where a text may be of any length."""
        widths = (column.length * 4 if column.length else _width(column) for column in self.columns)
        return max(1, min(_BATCH_ROWS, _BATCH_BYTES // (sum(widths) + 1)))


def _width(column: Column) -> int:
    return _BIG_VALUE if column.type in ("text", "json", "bytea", "varchar") else _FIXED_WIDTH


def quoted(name: str) -> str:
    """A name in SQL, of either database."""
    return '"' + name.replace('"', '""') + '"'


def count(connection: sqlite3.Connection, table: str) -> int:
    """The rows of a table of SQLite."""
    rows: int = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0]
    return rows


def match(
    connection: sqlite3.Connection, there: Iterable[Table], wanted: Description, ignored: Iterable[str]
) -> list[Move]:
    """The moves, the largest table first. Raises FileRefused where the two schemas do not fit together."""
    by_name = {table.name: table for table in there}
    unknown = [name for name in by_name if name not in wanted.tables and name not in set(ignored)]
    strangers = {name: rows for name in unknown if (rows := count(connection, name))}
    if strangers:
        shown = ", ".join(f"{name} ({rows:,} rows)" for name, rows in sorted(strangers.items()))
        raise FileRefused(
            f"The file holds tables that this MLflow does not make: {shown}. Drop them, or leave them behind by "
            f"migration_ignored_tables (MIGRATION_IGNORED_TABLES={','.join(sorted(strangers))})."
        )
    missing = sorted(set(wanted.tables) - set(by_name))
    if missing:
        raise FileRefused(f"The file lacks MLflow's tables {', '.join(missing)}: restore a backup.")
    moves = [_move(connection, by_name[table], columns) for table, columns in wanted.tables.items()]
    return sorted(moves, key=lambda move: -move.rows)


def _move(connection: sqlite3.Connection, table: Table, columns: tuple[Column, ...]) -> Move:
    kept = tuple(column for column in columns if not column.is_generated)
    lacking = [column.name for column in kept if column.name not in table.columns]
    surplus = sorted(set(table.columns) - {column.name for column in columns})
    if lacking or surplus:
        raise FileRefused(
            f"Table {table.name} of the file is not as this MLflow makes it (lacking: {', '.join(lacking) or 'none'}; "
            f"more: {', '.join(surplus) or 'none'}): restore a backup, or set mlflow_image to the MLflow that wrote it."
        )
    if not table.has_rowid:
        raise FileRefused(f"Table {table.name} of the file has no rowid, which MLflow's tables have.")
    unknown = {column.type for column in kept} - TYPES
    if unknown:
        raise TargetRefused(f"Table {table.name} has columns of types that this program cannot move: {unknown}.")
    return Move(table.name, kept, count(connection, table.name))
