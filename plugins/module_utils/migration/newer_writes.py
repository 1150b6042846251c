"""What was written to PostgreSQL after the migration: exactly, as each row says which transaction wrote it.

PostgreSQL keeps that number (xmin) also where it freezes rows. A row that was updated or inserted has another than the
migration's; one that was updated or deleted is no longer among the migration's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from .journal import Copy
from .target import Connection


@dataclass
class NewerWrites:
    """{table: rows}. written: inserted or updated since; gone: updated or deleted since."""

    written: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """0 only where PostgreSQL holds exactly what the migration wrote."""
        return sum(self.written.values()) + sum(self.gone.values())

    def sentence(self) -> str:
        """What a person should know."""
        tables = sorted({*self.written, *self.gone})
        return (
            f"{sum(self.written.values()):,} rows that were inserted or changed, and lacks or changed "
            f"{sum(self.gone.values()):,} of those that were migrated (tables {', '.join(tables)})"
        )

    def as_json(self) -> dict[str, Any]:
        """As the report has it."""
        return {"written": self.written, "gone": self.gone}


def count(connection: Connection, copy: Copy, ignored: Collection[str]) -> NewerWrites:
    """Compares what is there with what the migration wrote, in the connection's search path."""
    found = NewerWrites()
    for table, told in copy.tables.items():
        if table in ignored:
            continue
        written, kept = _rows(connection, table, copy.transaction)
        if written:
            found.written[table] = written
        if kept != told["rows"]:
            found.gone[table] = told["rows"] - kept
    return found


def _rows(connection: Connection, table: str, transaction: int) -> tuple[int, int]:
    """(rows of other transactions, rows of this one). A table that was dropped has none."""
    name = sql.Identifier(table)
    there = connection.execute("SELECT to_regclass(%s)", [name.as_string(connection)]).fetchone()
    if there is None or there[0] is None:
        return 0, 0
    query = sql.SQL(
        "SELECT count(*) FILTER (WHERE xmin <> {own}::xid), count(*) FILTER (WHERE xmin = {own}::xid) FROM {table}"
    ).format(table=name, own=str(transaction % (1 << 32)))
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
