"""Files that the old server keeps for its clients, and places of runs that are folders of its pod."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator

from . import rows, server

# Where MLflow's tables name places of files.
_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
_MOST_PLACES = 5000


def listed(found: server.Server) -> list[tuple[str, int, int]]:
    """(path below its folder, bytes, when it was last written in nanoseconds) of every file, in order of the paths.

    Not of the database: who opens its file and closes it gives up the lock on it (POSIX).
    """
    folder, files = found.artifacts, []
    own = {f"{found.database}{end}" for end in ("", "-wal", "-shm", "-journal")}
    for parent, _folders, names in os.walk(folder or ""):
        for name in names:
            path = os.path.realpath(os.path.join(parent, name))
            if path in own:
                continue
            try:
                status = os.stat(path)
            except FileNotFoundError:
                continue  # one that is only there while it is written, or a link to nowhere
            files.append((os.path.relpath(os.path.join(parent, name), folder), status.st_size, status.st_mtime_ns))
    return sorted(files)


def places_here(connection: sqlite3.Connection, folder: str) -> list[str]:
    """The folders of this pod with files in them that runs, experiments and models name as theirs."""
    found = set()
    for place in _named(connection):
        path = server.local_path(place, folder)
        if path and os.path.isdir(path) and any(names for _parent, _folders, names in os.walk(path)):
            found.add(path)
    return sorted(found)


def _named(connection: sqlite3.Connection) -> Iterator[str]:
    there = rows.tables(connection)
    for table, column in _PLACES:
        known = {_text(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")} if table in there else ()
        if column in known:
            # What has a scheme but file: lies elsewhere.
            query = (
                f"SELECT DISTINCT {column} FROM {table} WHERE {column} LIKE 'file:%' OR {column} NOT LIKE '%:%' LIMIT ?"
            )
            yield from (_text(row[0]) for row in connection.execute(query, [_MOST_PLACES]) if row[0])


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
