"""Rows that PostgreSQL refuses because of other rows: orphans of foreign keys, and doubles of unique keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from . import scan
from .catalog import Constraint, Description
from .plan import Move, quoted
from .rules import Rule
from .scan import Offender


def orphans(connection: sqlite3.Connection, move: Move, wanted: Description) -> Iterator[Offender]:
    """Rows whose parent is not there."""
    for key in wanted.constraints_of(move.table, "f"):
        what = f"names a row of {key.parent} that is not there (foreign key {key.name})"
        yield from _found(connection, move, wanted, key, Rule(key.columns, what, _is_orphan(key, "0")), "1")


def orphans_by_sqlite(
    connection: sqlite3.Connection, move: Move, wanted: Description, set_apart: Mapping[str, str]
) -> Iterator[Offender]:
    """Rows that `PRAGMA foreign_key_check` names, by the keys of the file itself, beside those that are set apart."""
    query = f"SELECT rowid, parent, fkid FROM pragma_foreign_key_check(?) WHERE {_not_apart(move, set_apart)}"
    of_key = 'SELECT "from" FROM pragma_foreign_key_list(?) WHERE id = ? ORDER BY seq'
    for rowid, parent, number in connection.execute(query, [move.table]).fetchall():
        what = f"names a row of {parent.decode()} that is not there (foreign_key_check)"
        columns = tuple(name.decode() for (name,) in connection.execute(of_key, [move.table, number]))
        yield from scan.offenders(connection, move, wanted, [Rule(columns, what, "1")], f"rowid = {int(rowid)}")


def dependants(
    connection: sqlite3.Connection, move: Move, wanted: Description, set_apart: Mapping[str, str]
) -> Iterator[Offender]:
    """Rows that are not set apart and whose parent is: {table: condition on rowid}."""
    for key in wanted.constraints_of(move.table, "f"):
        if key.parent in set_apart:
            what = f"names a row of {key.parent} that is left out (foreign key {key.name})"
            rule = Rule(key.columns, what, _is_orphan(key, f"p.{set_apart[key.parent]}"))
            yield from _found(connection, move, wanted, key, rule, _not_apart(move, set_apart))


def _not_apart(move: Move, set_apart: Mapping[str, str]) -> str:
    return f"NOT ({set_apart[move.table]})" if move.table in set_apart else "1"


def _is_orphan(key: Constraint, parents_apart: str) -> str:
    child = quoted(key.table)
    pairs = zip(key.columns, key.parent_columns, strict=True)
    match = " AND ".join(f"p.{quoted(there)} = {child}.{quoted(here)}" for here, there in pairs)
    named = " AND ".join(f"{child}.{quoted(name)} IS NOT NULL" for name in key.columns)
    parents = f"SELECT 1 FROM {quoted(key.parent)} p WHERE {match} AND NOT ({parents_apart})"
    return f"{named} AND NOT EXISTS ({parents})"


def _found(
    connection: sqlite3.Connection, move: Move, wanted: Description, key: Constraint, rule: Rule, where: str
) -> Iterator[Offender]:
    if _any_orphan(connection, key, rule.flaw):
        yield from scan.offenders(connection, move, wanted, [rule], where)


def _any_orphan(connection: sqlite3.Connection, key: Constraint, flaw: str) -> bool:
    """Asks once for each parent that is named, not for each row: a run has thousands of metrics."""
    columns, table = ", ".join(map(quoted, key.columns)), quoted(key.table)
    query = f"SELECT 1 FROM (SELECT DISTINCT {columns} FROM {table}) AS {table} WHERE {flaw} LIMIT 1"
    return connection.execute(query).fetchone() is not None


def doubles(
    connection: sqlite3.Connection, move: Move, wanted: Description, set_apart: Mapping[str, str]
) -> Iterator[Offender]:
    """Rows but the first of those that are equal in a unique key. What SQLite itself holds unique is not looked at."""
    held = _unique_in_sqlite(connection, move.table)
    where = _not_apart(move, set_apart)
    for index in wanted.indexes:
        columns = tuple(name.strip('"') for name in index.columns)
        if index.table != move.table or not index.is_unique or not set(columns) <= set(move.names):
            continue
        if any(set(unique) <= set(columns) for unique in held):
            continue
        names = ", ".join(map(quoted, columns))
        named = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in columns)
        flaw = f"{named} AND rowid NOT IN (SELECT min(rowid) FROM {quoted(move.table)} WHERE {where} GROUP BY {names})"
        what = f"is there more than once, and has to be unique ({index.name})"
        yield from scan.offenders(connection, move, wanted, [Rule(columns, what, flaw)], where)


def _unique_in_sqlite(connection: sqlite3.Connection, table: str) -> list[tuple[str, ...]]:
    """Column sets that SQLite keeps unique (integrity_check has looked at their indexes)."""
    found = []
    query = 'SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial'
    for (index,) in connection.execute(query, [table]).fetchall():
        columns = connection.execute("SELECT name FROM pragma_index_info(?)", [index.decode()]).fetchall()
        found.append(tuple(row[0].decode() for row in columns))
    row = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk AND upper(type) = 'INTEGER'", [table])
    primary = [each[0].decode() for each in row]
    return [*found, tuple(primary)] if len(primary) == 1 else found
