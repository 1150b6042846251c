"""Brings MLflow's SQLite database to the schema of the image this runs on, or says why it must not.

    schema.py /mlflow/mlflow.db             a Job, before another image is rolled out: migrates
    schema.py /mlflow/mlflow.db --guard     before the server starts: makes a new database, never migrates one

The server must not be running. The database itself is never migrated: a copy is, and takes its place in one rename
when it is whole, so a Job killed at any moment leaves either the old database or the new one. The old one stays
beside it, named after its revision, and is never deleted here.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

# What no migration may lose. Tables that a migration makes or fills are not among them.
KEPT_TABLES = (
    "experiments",
    "runs",
    "params",
    "metrics",
    "tags",
    "registered_models",
    "model_versions",
)


class Refused(SystemExit):
    """Nothing was written. The sentence is the last line of the Job's log, which is what a person sees."""

    def __init__(self, sentence: str) -> None:
        print(f"REFUSED {sentence}", file=sys.stderr, flush=True)
        super().__init__(1)


def image_revisions() -> tuple[str, set[str]]:
    """(the revision this image's MLflow wants, every revision it knows).

    Read from the text of its migration scripts: to import them imports all of MLflow, which takes seconds, and in
    most runs there is nothing to migrate.
    """
    package = importlib.util.find_spec("mlflow")
    if package is None or package.origin is None:
        raise Refused("The image has no MLflow: set mlflow_image to one that has.")
    scripts = Path(package.origin).parent / "store" / "db_migrations" / "versions"
    known: set[str] = set()
    replaced: set[Any] = set()
    for script in scripts.glob("*.py"):
        values = assigned(script)
        if values.get("revision"):
            known.add(values["revision"])
            down = values.get("down_revision")
            replaced.update(down if isinstance(down, tuple) else {down})
    heads = known - replaced
    if len(heads) != 1:
        raise Refused(f"The image's MLflow has {len(heads)} newest revisions, not one: set mlflow_image to a release.")
    return heads.pop(), known


def assigned(script: Path) -> dict[str, Any]:
    """{name: value} of the plain values a script assigns at its top level."""
    values: dict[str, Any] = {}
    for statement in ast.parse(script.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            with contextlib.suppress(ValueError):
                values[statement.targets[0].id] = ast.literal_eval(statement.value)
    return values


def settle(database: Path) -> None:
    """Brings what a stopped server left in a journal into the file, so that the file alone is the database."""
    try:
        with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.OperationalError as error:
        raise Refused(f"{database} cannot be used alone ({error}): stop MLflow first. Nothing was written.") from None
    except sqlite3.DatabaseError as error:
        raise Refused(f"{database} is not an SQLite database ({error}). Nothing was written.") from None
    left = [str(path) for path in (Path(f"{database}-wal"), Path(f"{database}-journal")) if path.exists()]
    if left:
        raise Refused(f"Somebody still uses the database ({', '.join(left)}): stop MLflow first.")


def revision_of(database: Path) -> str | None:
    """The revision the database is at; None where it holds no table yet."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" in tables:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if row:
                return str(row[0])
    if tables - {"alembic_version"}:
        raise Refused(f"{database} holds tables but no revision: it is not MLflow's, or of MLflow before 1.0.")
    return None


def counts_of(database: Path) -> dict[str, int]:
    """{table: rows} of the tables whose rows must all survive."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for table in KEPT_TABLES
            if table in there
        }


def upgrade(database: Path) -> None:
    """MLflow's own migration, in a process of its own."""
    command = [sys.executable, "-m", "mlflow", "db", "upgrade", f"sqlite:///{database}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout, flush=True)
        raise Refused(f"'mlflow db upgrade' ended with {done.returncode}; the database is as it was.")


def check(database: Path, head: str, before: dict[str, int]) -> None:
    """The migrated copy is whole, at the wanted revision, and holds every row that must survive."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    after = counts_of(database)
    lost = {table: rows - after.get(table, 0) for table, rows in before.items() if after.get(table, 0) < rows}
    if verdict != "ok" or revision_of(database) != head or lost:
        raise Refused(f"The migrated copy is not right ({verdict}, rows lost: {lost}); the database is as it was.")


def need_room(database: Path) -> None:
    """The old database stays, so the volume must hold the copy and what the migration needs besides."""
    size = database.stat().st_size if database.exists() else 0
    free = shutil.disk_usage(database.parent).free
    if free < 2 * size + (16 << 20):
        raise Refused(
            f"{database.parent} has {free >> 20} MiB free, the migration of {size >> 20} MiB needs twice that: "
            f"enlarge the volume (persistence_size), or remove old {database.name}.before-* files."
        )


def bring_to_head(database: Path, *, guard: bool) -> str:
    """Does what is needed, and says what was done in one sentence. guard: a database of another revision is refused."""
    head, known = image_revisions()
    current = None
    if database.exists():
        settle(database)
        current = revision_of(database)
    if current == head:
        return f"The database is at revision {head}: nothing to do."
    if current is not None and current not in known:
        raise Refused(
            f"The database is at revision {current}, which this image does not know: a newer MLflow wrote it. "
            "Set mlflow_image to the newer one again. Nothing was written."
        )
    if current is not None and guard:
        raise Refused(
            f"The database is at revision {current}, this image wants {head}: run site.yml with mlflow_image set to "
            "it, which migrates the database first. Nothing was written."
        )
    need_room(database)
    work = database.with_name(f"{database.name}.upgrading")
    work.unlink(missing_ok=True)
    before = counts_of(database) if current else {}
    if current:
        shutil.copyfile(database, work)
    upgrade(work)
    check(work, head, before)
    sync(work)
    if not current:
        os.replace(work, database)
        return f"A new database was made at revision {head}."
    kept = database.with_name(f"{database.name}.before-{head}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    os.link(database, kept)
    os.replace(work, database)
    sync(database.parent)
    return f"The database went from revision {current} to {head}; rows kept: {before}. The old one is {kept}."


def sync(path: Path) -> None:
    """What was written survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> None:
    started = time.monotonic()
    os.umask(0o027)
    said = bring_to_head(Path(sys.argv[1]), guard="--guard" in sys.argv[2:])
    print(f"{said} ({time.monotonic() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
