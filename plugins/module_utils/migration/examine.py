"""Every row that PostgreSQL would refuse: counted, listed as far as wanted, and kept in mind by its rowid."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import relations, scan
from .catalog import Description
from .plan import Move
from .progress import Progress
from .scan import Offender

_APART = "apart"
_MOST_IDS = 5000
ANY = "*"


@dataclass
class Findings:
    """offenders: the first ones; rules: how many rows break each, {"table.column rule": rows}; rows: {table: rows}."""

    listed: int
    offenders: list[Offender] = field(default_factory=list)
    rules: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """Rows that break a rule, each counted once."""
        return sum(self.rows.values())

    @property
    def ids(self) -> list[str]:
        """Of the offenders and what they belong to; ANY where they are too many to name."""
        return [ANY] if len(self._ids) > _MOST_IDS else sorted(self._ids)

    def take(self, offender: Offender, *, is_new: bool) -> None:
        """Counts one. is_new: no other rule is known to refuse this row."""
        rule = f"{offender.table}.{', '.join(offender.columns)} {offender.rule}"
        self.rules[rule] = self.rules.get(rule, 0) + 1
        self.rows[offender.table] = self.rows.get(offender.table, 0) + int(is_new)
        if len(self.offenders) < self.listed:
            self.offenders.append(offender)
        if len(self._ids) <= _MOST_IDS:
            self._ids |= offender.ids

    def conditions(self) -> dict[str, str]:
        """{table: condition in SQLite's SQL that holds for its offenders}, for the connection that was examined."""
        return {table: f"rowid IN (SELECT number FROM temp.{_APART} WHERE name = '{table}')" for table in self.rows}


def examine(
    connection: sqlite3.Connection, moves: Iterable[Move], wanted: Description, progress: Progress, listed: int
) -> Findings:
    """Looks at every table. Writes only to a temporary table of the connection. Raises sqlite3.Error."""
    moves = list(moves)
    scan.prepare(connection)
    connection.execute(
        f"CREATE TEMP TABLE {_APART} (name TEXT, number INTEGER, PRIMARY KEY (name, number)) WITHOUT ROWID"
    )
    findings = Findings(listed)
    for move in moves:
        advance = functools.partial(progress.advance, what=move.table)
        _take(connection, findings, scan.rows_by_themselves(connection, move, wanted, advance))
    for move in moves:
        _take(connection, findings, relations.orphans(connection, move, wanted))
        _take(connection, findings, relations.orphans_by_sqlite(connection, move, wanted, findings.conditions()))
        _take(connection, findings, relations.doubles(connection, move, wanted, findings.conditions()))
    return findings


def add_dependants(
    connection: sqlite3.Connection, moves: Iterable[Move], wanted: Description, findings: Findings
) -> None:
    """Rows that would be orphans without the offenders are offenders too, and so on."""
    moves, before = list(moves), -1
    while findings.total != before:
        before = findings.total
        for move in moves:
            _take(connection, findings, relations.dependants(connection, move, wanted, findings.conditions()))


def _take(connection: sqlite3.Connection, findings: Findings, offenders: Iterable[Offender]) -> None:
    # All are read before any is written: what is asked reads the table that is written.
    for offender in list(offenders):
        insert = f"INSERT OR IGNORE INTO temp.{_APART} VALUES (?, ?)"
        inserted = connection.execute(insert, [offender.table, offender.rowid]).rowcount
        findings.take(offender, is_new=bool(inserted))
