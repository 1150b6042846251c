"""The digest of what PostgreSQL holds, read back from it by another connection than the one that wrote it.

Rows come as their binary COPY has them, which is how they were sent. Large tables are read in parts by processes of
their own that share one snapshot: a part is a range of the table's blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus

from .digest import Digest
from .encoding import HEADER, TRAILER
from .errors import Failed
from .target import Connection

_PART_BLOCKS = 4096  # 32 MiB
_BATCH = 1000


@dataclass(frozen=True)
class Part:
    """A range of a table's blocks, from `first` to before `end`; -1: to the table's end."""

    table: str
    columns: tuple[str, ...]
    first: int = 0
    end: int = -1


def parts_of(connection: Connection, table: str, columns: Sequence[str]) -> list[Part]:
    """The table in parts of about 32 MiB."""
    row = connection.execute(
        "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int8",
        [sql.Identifier(table).as_string(connection)],
    ).fetchone()
    starts = list(range(0, max(1, int(row[0]) if row else 1), _PART_BLOCKS))
    ends = [*starts[1:], -1]
    return [Part(table, tuple(columns), first, end) for first, end in zip(starts, ends, strict=True)]


def digest_of_part(connection: Connection, part: Part, advance: Callable[[int], None]) -> Digest:
    """Reads one part. Raises Failed where the stream is not whole."""
    condition: sql.Composable = sql.SQL("")
    if part.first or part.end >= 0:
        condition = sql.SQL(" WHERE ctid >= {}::tid").format(f"({part.first},0)")
        if part.end >= 0:
            condition += sql.SQL(" AND ctid < {}::tid").format(f"({part.end},0)")
    query = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT BINARY)").format(
        sql.SQL(", ").join(map(sql.Identifier, part.columns)), sql.Identifier(part.table), condition
    )
    digest, rows = Digest(), []
    for row in _messages(connection, query.as_bytes(connection)):
        rows.append(row)
        if len(rows) > _BATCH:
            # The last message is the trailer, so one is always kept back.
            digest.add(rows[:-1])
            advance(len(rows) - 1)
            del rows[:-1]
    if not rows or rows.pop() != TRAILER:
        raise Failed(f"PostgreSQL ended the copy of {part.table} in the middle; the same command may be run again.")
    digest.add(rows)
    advance(len(rows))
    return digest


def _messages(connection: Connection, query: bytes) -> Iterator[bytes]:
    """The rows of a COPY, each as PostgreSQL sends it, by libpq's own calls: half the time of psycopg's iterator."""
    pgconn = connection.pgconn
    result = pgconn.exec_(query)
    if result.status != ExecStatus.COPY_OUT:
        raise psycopg.OperationalError(pgconn.get_error_message())
    get, is_first = pgconn.get_copy_data, True
    while True:
        size, message = get(0)
        if size <= 0:
            break
        row = bytes(message)
        if is_first:
            is_first = False
            if not row.startswith(HEADER):
                raise Failed("PostgreSQL answers in an unknown binary format: use version 13 or newer.")
            row = row[len(HEADER) :]
            if not row:
                continue
        yield row
    while (end := pgconn.get_result()) is not None:
        if size < -1 or end.status != ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError(pgconn.get_error_message())
