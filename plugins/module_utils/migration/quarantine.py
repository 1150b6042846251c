"""Rows that are left out by bad_rows=quarantine: listed whole in a file of their own, so that nothing is lost."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import examine, files
from .catalog import Description
from .examine import Findings
from .plan import Move, quoted
from .progress import Progress
from .report import Report
from .scan import readable
from .settings import Settings

FILE = "quarantined.jsonl"


@dataclass(frozen=True)
class LeftBehind:
    """Of one table: how many rows, and the condition in SQLite's SQL that holds for them."""

    count: int
    condition: str


def set_apart(
    settings: Settings,
    report: Report,
    progress: Progress,
    connection: sqlite3.Connection,
    moves: Sequence[Move],
    wanted: Description,
) -> tuple[dict[str, LeftBehind], list[str]]:
    """({table: what of it is left behind}, ids of it); nothing unless it is wished.

    Writes the rows to the folder first.
    """
    if not settings.quarantine:
        return {}, []
    with report.step(progress, "scan", sum(move.rows for move in moves)):
        findings = examine.examine(connection, moves, wanted, progress, settings.listed_offenders)
        examine.add_dependants(connection, moves, wanted, findings)
    report.take(findings)
    if findings.total:
        path = settings.folder / FILE
        _write(connection, moves, findings, path)
        progress.say(f"{findings.total:,} rows are left out; they are listed whole in {path}.")
    conditions = findings.conditions()
    return {table: LeftBehind(rows, conditions[table]) for table, rows in findings.rows.items()}, findings.ids


def _write(connection: sqlite3.Connection, moves: Sequence[Move], findings: Findings, path: Path) -> None:
    """One line of JSON for each row: table, rowid, and every column as SQLite's own literal."""
    conditions = findings.conditions()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        for move in moves:
            if move.table not in conditions:
                continue
            values = ", ".join(f"quote({quoted(name)}), hex({quoted(name)})" for name in move.names)
            query = f"SELECT rowid, {values} FROM {quoted(move.table)} WHERE {conditions[move.table]}"
            for rowid, *row in connection.execute(query):
                # quote() ends at a NUL and keeps bytes that are no text; hex() has every byte.
                literals, bytes_of = row[::2], row[1::2]
                columns = {
                    name: {"literal": readable(literal), "hex": readable(hexadecimal)}
                    for name, literal, hexadecimal in zip(move.names, literals, bytes_of, strict=True)
                }
                stream.write(json.dumps({"table": move.table, "rowid": rowid, "columns": columns}) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    files.sync_folder(path.parent)
