"""Rows from SQLite to PostgreSQL: read in batches, encoded once, and hashed as they are sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence

from psycopg import sql

from .digest import Digest
from .encoding import HEADER, TRAILER, Encoder, Row
from .plan import Move, quoted
from .target import Connection

_SEND_BYTES = 256 << 10

# {table: condition in SQL on rows of SQLite that stay behind}
LeftBehind = dict[str, str]


def batches(connection: sqlite3.Connection, move: Move, left_behind: str = "") -> Iterator[Sequence[Row]]:
    """The table's rows, as many at a time as may be in memory."""
    columns = ", ".join(map(quoted, move.names))
    condition = f" WHERE NOT ({left_behind})" if left_behind else ""
    # The rowid's order is the file's: every page is read once, and no index is believed.
    cursor = connection.execute(f"SELECT {columns} FROM {quoted(move.table)} NOT INDEXED{condition} ORDER BY rowid")
    while rows := cursor.fetchmany(move.batch):
        yield rows


def copy_table(
    source: sqlite3.Connection, target: Connection, move: Move, left_behind: str, advance: Callable[[int], None]
) -> Digest:
    """Copies one table, and gives the digest of what was read. Raises CannotEncode, sqlite3.Error, psycopg.Error."""
    digest, encode = Digest(), Encoder(move.types)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(move.table), sql.SQL(", ").join(map(sql.Identifier, move.names))
    )
    with target.cursor() as cursor, cursor.copy(statement) as copy:
        waiting, size = [HEADER], 0
        for rows in batches(source, move, left_behind):
            encoded = encode(rows)
            digest.add(encoded)
            waiting += encoded
            size += sum(map(len, encoded))
            if size >= _SEND_BYTES:
                copy.write(b"".join(waiting))
                waiting, size = [], 0
            advance(len(rows))
        copy.write(b"".join([*waiting, TRAILER]))
    return digest
