"""Sequences that go on where SQLite's numbers end."""

from __future__ import annotations

from psycopg import sql

from .catalog import Description
from .target import Connection


def set_all(connection: Connection, description: Description) -> dict[str, int]:
    """Each sequence that numbers a column gives the next number after the column's greatest: {sequence: next}."""
    following: dict[str, int] = {}
    for table, columns in description.tables.items():
        for column in columns:
            if not column.sequence:
                continue
            query = sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(
                sql.Identifier(column.name), sql.Identifier(table)
            )
            row = connection.execute(query).fetchone()
            greatest = int(row[0]) if row else 0
            # The last argument: whether that number is taken. A column may hold 0 and less, which a sequence does not.
            following[column.sequence] = max(1, greatest + 1)
            connection.execute(
                "SELECT setval(%s::regclass, %s, %s)",
                [sql.Identifier(column.sequence).as_string(connection), max(1, greatest), greatest >= 1],
            )
    return following
