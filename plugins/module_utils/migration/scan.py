"""The scan: every row that PostgreSQL would refuse, with its table, key, column and rule.

Two passes. The first asks SQLite for aggregates over blocks of rows (is any type wrong, the greatest length, all texts
at once) and costs about a microsecond a row; only blocks in which something may be wrong are looked at row by row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import rules
from .catalog import Description
from .plan import Move, quoted
from .rules import Rule

_BLOCK_ROWS = 5000


@dataclass(frozen=True)
class Offender:
    """One row that one rule refuses. ids: its own and its parents', by which MLflow's API names what it belongs to."""

    table: str
    rowid: int
    key: dict[str, Any]
    columns: tuple[str, ...]
    rule: str
    ids: frozenset[str] = frozenset()

    def sentence(self) -> str:
        key = ", ".join(f"{name}={value!r}" for name, value in self.key.items()) or f"rowid={self.rowid}"
        return f"table {self.table}, row {key}: column {', '.join(self.columns)} {self.rule}"

    def as_json(self) -> dict[str, Any]:
        """As the report has it."""
        return {"table": self.table, "key": self.key, "column": ", ".join(self.columns), "rule": self.rule}


def prepare(connection: sqlite3.Connection) -> None:
    """The connection knows the rules' functions."""
    for name, function in rules.FUNCTIONS.items():
        connection.create_function(name, 1, function, deterministic=True)


def rows_by_themselves(
    connection: sqlite3.Connection, move: Move, wanted: Description, advance: Callable[[int], None]
) -> Iterator[Offender]:
    """Rows of one table that break a rule by themselves, whatever the other rows are."""
    those = rules.of_table(move, wanted)
    for first, last, is_suspect in _blocks(connection, move, those, advance):
        if is_suspect:
            yield from offenders(connection, move, wanted, those, f"rowid BETWEEN {first} AND {last}")


def _blocks(
    connection: sqlite3.Connection, move: Move, those: list[Rule], advance: Callable[[int], None]
) -> Iterator[tuple[int, int, bool]]:
    """(first rowid, last rowid, whether any of its rows may break a rule) of each block."""
    texts = [column.name for column in move.columns if column.type in rules.TEXTS]
    suspicions = [rule.suspicion for rule in those if rule.suspicion] or ["0"]
    joined = [f"group_concat(CAST({quoted(name)} AS TEXT))" for name in texts]
    inner = ", ".join(["rowid", *(quoted(name) for name in move.names)])
    # The outer names are the inner ones'; a column of a table is never called rowid in MLflow's schema.
    query = (
        f"SELECT count(*), min(rowid), max(rowid), {' OR '.join(f'({each})' for each in suspicions)}"
        f"{''.join(', ' + each for each in joined)} FROM (SELECT {inner} FROM {quoted(move.table)} NOT INDEXED"
        " WHERE rowid > ? ORDER BY rowid LIMIT ?)"
    )
    after, size = -(1 << 63), min(_BLOCK_ROWS, move.batch * 4)
    while True:
        count, first, last, suspicion, *all_texts = connection.execute(query, [after, size]).fetchone()
        if not count:
            return
        is_suspect = bool(suspicion) or any(text and _is_bad(text) for text in all_texts)
        yield first, last, is_suspect
        advance(count)
        after = last


def _is_bad(texts: bytes) -> bool:
    """Of many texts with commas between them: whether any has a NUL or is not UTF-8."""
    return b"\0" in texts or (not texts.isascii() and rules.not_utf8(texts))


def offenders(
    connection: sqlite3.Connection, move: Move, wanted: Description, those: list[Rule], where: str
) -> Iterator[Offender]:
    """The rows for which `where` and one of the rules hold, once for each such rule."""
    key, ids = wanted.key_of(move.table), wanted.ids_of(move.table)
    flaws = ", ".join(f"({rule.flaw})" for rule in those)
    any_flaw = " OR ".join(f"({rule.flaw})" for rule in those)
    columns = "".join(f", {quoted(name)}" for name in (*key, *ids))
    query = (
        f"SELECT rowid, {flaws}{columns} FROM {quoted(move.table)} NOT INDEXED WHERE {where} AND ({any_flaw})"
        " ORDER BY rowid"
    )
    for rowid, *rest in connection.execute(query):
        told = [readable(value) for value in rest[len(those) :]]
        values = dict(zip(key, told, strict=False))
        named = frozenset(str(value) for value in told[len(key) :] if value is not None)
        for rule, is_broken in zip(those, rest, strict=False):
            if is_broken:
                yield Offender(move.table, rowid, values, rule.columns, rule.sentence, named)


def readable(value: Any) -> Any:
    """A value of SQLite as JSON can have it."""
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    return value
