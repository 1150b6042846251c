"""The SQLite file: whether it is one that can be migrated, what it holds, and that nobody writes to it."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .errors import FileRefused, LockedRefused
from .revisions import Revisions

MAGIC = b"SQLite format 3\0"
COMPANIONS = ("-wal", "-journal", "-shm")
_OWN_TABLES = "sqlite_%"


@dataclass(frozen=True)
class Table:
    """A table, with its columns in their order (generated ones among them)."""

    name: str
    columns: tuple[str, ...]
    has_rowid: bool


def connect(path: Path, *, mode: str = "ro", immutable: bool = False) -> sqlite3.Connection:
    """A connection that gives texts as bytes and begins no transaction by itself. mode: ro, rw.

    immutable: nobody writes to the file, so no locks are taken; only for a copy of our own.
    """
    address = f"file:{quote(str(path))}?mode={mode}" + ("&immutable=1" if immutable else "")
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=0.5)
    connection.text_factory = bytes
    return connection


def check_bytes(path: Path) -> None:
    """The file is there, is SQLite's, and as long as it says. Raises FileRefused."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(100)
    except FileNotFoundError:
        raise FileRefused(f"There is no {path}: name MLflow's SQLite file by MIGRATION_SQLITE.") from None
    except OSError as error:
        raise FileRefused(f"{path} cannot be read ({error.strerror}): let the Job's user read it.") from None
    if size == 0:
        raise FileRefused(f"{path} is empty: there is nothing to migrate.")
    if head[:16] != MAGIC:
        raise FileRefused(f"{path} is not an SQLite database: name MLflow's by MIGRATION_SQLITE, or restore a backup.")
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    is_count_valid = head[24:28] == head[92:96]
    if is_count_valid and size < page * pages:
        raise FileRefused(
            f"{path} is truncated: it has {size:,} bytes and says that it has {page * pages:,}. Restore a backup."
        )


def check_companions(path: Path, patience: float = 0) -> None:
    """Nothing of a transaction lies beside the file. A journal may be there for `patience` seconds: MLflow writes.

    Raises FileRefused.
    """
    deadline = time.monotonic() + patience
    while left := [f"{path}{end}" for end in COMPANIONS[:2] if _size(Path(f"{path}{end}"))]:
        if time.monotonic() >= deadline:
            raise FileRefused(
                f"{', '.join(left)} holds writes that are not yet in {path.name}: start MLflow on it and stop it "
                "again, or open the file once with the program sqlite3; then migrate again."
            )
        time.sleep(0.2)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def check_revision(connection: sqlite3.Connection, path: Path, version_table: str, revisions: Revisions) -> str:
    """The revision of the file, which is the one the image's MLflow wants. Raises FileRefused."""
    with reading(path):
        names = {table.name for table in tables(connection)}
    if version_table not in names:
        what = f"holds no table {version_table}" if names else "holds no table"
        raise FileRefused(f"{path} {what}: it is not MLflow's. Name MLflow's file by MIGRATION_SQLITE.")
    with reading(path):
        found = [row[0].decode() for row in connection.execute(f"SELECT version_num FROM {version_table}")]
    if found == [revisions.head]:
        return revisions.head
    if len(found) != 1:
        raise FileRefused(f"{path} has {len(found)} revisions in {version_table}, not one: restore a backup.")
    if found[0] in revisions.known:
        raise FileRefused(
            f"{path} is at revision {found[0]} and this image's MLflow wants {revisions.head}: run site.yml with this "
            "image first, which brings it there."
        )
    raise FileRefused(
        f"{path} is at revision {found[0]}, which this image does not know: a newer MLflow wrote it, or another "
        "program. Set mlflow_image to the MLflow that wrote it."
    )


def check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    """PRAGMA integrity_check says ok. Raises FileRefused with what it says."""
    with reading(path):
        (encoding,) = connection.execute("PRAGMA encoding").fetchone()
        verdict = [row[0].decode(errors="replace") for row in connection.execute("PRAGMA integrity_check(20)")]
    if encoding != b"UTF-8":
        raise FileRefused(f"{path} keeps its texts as {encoding.decode()}, MLflow's are UTF-8: it is not MLflow's.")
    broken = [line for line in verdict if line != "ok" and not _is_about_rows(line)]
    if broken:
        raise FileRefused(
            f"{path} is corrupt ({broken[0]}): restore a backup, or salvage it with sqlite3's .recover.",
            details={"integrity_check": broken},
        )


def _is_about_rows(line: str) -> bool:
    """What the scan says better, with the rows' keys."""
    return line.startswith(("NULL value in", "CHECK constraint failed", "NUMERIC value in", "TEXT value in"))


def tables(connection: sqlite3.Connection) -> list[Table]:
    """Every table but SQLite's own."""
    query = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE ?"
    found = []
    for name, without_rowid in connection.execute(query, [_OWN_TABLES]).fetchall():
        # table_xinfo's hidden is 2 and 3 for generated columns and 1 for those of virtual tables.
        columns = connection.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1", [name.decode()])
        found.append(Table(name.decode(), tuple(row[0].decode() for row in columns), not without_rowid))
    return found


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """What SQLite raises here becomes FileRefused, or LockedRefused where somebody else holds the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise LockedRefused(f"{path} is in use by another program: stop MLflow first.") from None
        raise FileRefused(f"{path} cannot be read ({error}): restore a backup.") from None
    except sqlite3.DatabaseError as error:
        raise FileRefused(f"{path} is corrupt ({error}): restore a backup, or use sqlite3's .recover.") from None


@contextlib.contextmanager
def shared(path: Path, seconds: float) -> Iterator[None]:
    """Nobody changes the file meanwhile; who wants to write waits. Raises LockedRefused after `seconds`."""
    with contextlib.closing(connect(path)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        with reading(path):
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        try:
            yield
        finally:
            connection.rollback()


@contextlib.contextmanager
def held(path: Path, seconds: float) -> Iterator[sqlite3.Connection]:
    """Nobody else can write to the file meanwhile. Raises LockedRefused after `seconds`.

    This process must not close another handle of the file within: that would give up the lock (POSIX).
    """
    with contextlib.closing(connect(path, mode="rw")) as connection:
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        with reading(path):
            connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        finally:
            connection.rollback()
