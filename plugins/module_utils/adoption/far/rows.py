"""What a database holds: its tables with their number of rows and a digest of them, its revision, its runs."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import struct
from collections.abc import Iterator
from typing import Any

from ...migration.digest import Digest

# MLflow 1.0 and newer. What a run is to its users, as the API tells it.
_RUNS = "SELECT run_uuid, status FROM runs ORDER BY start_time DESC, run_uuid LIMIT ?"
_PARAMS = "SELECT key, value FROM params WHERE run_uuid = ?"
_METRICS = "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = ?"
ENDED = ("FINISHED", "FAILED", "KILLED")


def digests(connection: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """{table: its rows and their digest}, whatever order the rows lie in."""
    found = {}
    for table in tables(connection):
        columns = [f'"{name}"' for name in _columns(connection, table)]
        digest = Digest()
        digest.add(_encoded(connection.execute(f'SELECT {", ".join(columns)} FROM "{table}"')))
        found[table] = digest.as_json()
    return found


def tables(connection: sqlite3.Connection) -> list[str]:
    """Every table but SQLite's own."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
    return [_text(row[0]) for row in connection.execute(query)]


def revision(connection: sqlite3.Connection) -> str | None:
    """MLflow's revision of the schema; None where there is none."""
    if "alembic_version" not in tables(connection):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return _text(row[0]) if row else None


def runs(connection: sqlite3.Connection, most: int) -> dict[str, dict[str, str]]:
    """{run: its status, and a digest of its params and last metrics}, the newest runs."""
    found = {}
    for key, status in connection.execute(_RUNS, [most]).fetchall():
        run = _text(key)  # as bytes it would be no text to SQLite
        params = {_text(name): _text(value) for name, value in connection.execute(_PARAMS, [run])}
        metrics = {_text(name): _number(value, nan) for name, value, nan in connection.execute(_METRICS, [run])}
        found[run] = {"status": _text(status), "digest": digest_of_run(params, metrics)}
    return found


def digest_of_run(params: dict[str, str], metrics: dict[str, float]) -> str:
    """The same for the same params and metrics, however they were read."""
    told = [sorted(params.items()), sorted((key, repr(float(value))) for key, value in metrics.items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def _number(value: Any, nan: Any) -> float:
    return float("nan") if nan else float(value)


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    # hidden is 2 and 3 for generated columns and 1 for those of virtual tables.
    query = "SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid"
    return [_text(row[0]) for row in connection.execute(query, [table])]


def _encoded(rows: Iterator[tuple[Any, ...]]) -> Iterator[bytes]:
    for row in rows:
        yield b"".join(_value(value) for value in row)


def _value(value: Any) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, int):
        return b"i%d;" % value
    if isinstance(value, float):
        return b"f" + struct.pack(">d", value)
    data = value.encode() if isinstance(value, str) else bytes(value)
    return b"b%d:" % len(data) + data


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
