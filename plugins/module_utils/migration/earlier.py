"""What an earlier run of the same migration left in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable

from . import newer_writes, target
from .errors import TargetRefused
from .journal import Copy, Journal
from .plan import quoted
from .target import Connection


def found(connection: Connection, book: Journal) -> Copy | None:
    """The copy that was committed to this database, if any was."""
    place = target.place(connection)
    for copy in book.copies:
        # Where PostgreSQL has forgotten a transaction that is long past, the rows themselves tell (need_untouched).
        if copy.target == place and target.outcome(connection, copy.transaction) in ("committed", ""):
            return copy
    return None


def need_untouched(connection: Connection, schema: str, copy: Copy) -> list[str]:
    """The tables of an earlier copy to which nobody has written since, locked. Raises TargetRefused."""
    tables = sorted(set(copy.tables) & target.tables_of(connection, schema))
    for table in tables:
        connection.execute(f"LOCK TABLE {quoted(table)} IN SHARE MODE".encode())
    newer = newer_writes.count(connection, copy, ignored=())
    if tables and newer.total:
        raise TargetRefused(
            f"PostgreSQL was migrated to before and has since {newer.sentence()}: name an empty database (PGDATABASE), "
            "or empty this one yourself.",
            details=newer.as_json(),
        )
    return tables


def make_room(connection: Connection, schema: str, book: Journal, expected: Iterable[str], version_table: str) -> None:
    """Drops, in the open transaction, MLflow's tables where they are empty, or what an earlier run copied.

    Raises TargetRefused where they hold anything else.
    """
    copy = found(connection, book)
    if copy is not None:
        target.drop(connection, schema, need_untouched(connection, schema, copy))
    else:
        target.drop(connection, schema, target.need_empty(connection, schema, expected, version_table))
