"""Brings MLflow's database to the schema of the image this runs on, or says why it must not.

    schema.py /mlflow/mlflow.db             a Job, before another image is rolled out: migrates
    schema.py /mlflow/mlflow.db --guard     before the server starts: makes a new database, never migrates one
    schema.py postgresql [--new]            the same Job on PostgreSQL, which PGHOST names; --new: it may be empty
    schema.py postgresql --guard            before a server starts: makes and migrates nothing
    schema.py postgresql ... --reader=NAME  and lets this user read what is counted, and nothing else

The server must not be running. An SQLite database itself is never migrated: a copy is, and takes its place in one
rename when it is whole, so a Job killed at any moment leaves either the old database or the new one. The old one stays
beside it, named after its revision, and is never deleted here. PostgreSQL's migration is one transaction of its own.
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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

POSTGRESQL = "postgresql"
# Any number, as long as every Job uses the same one: "mlflow" as digits of a telephone.
POSTGRESQL_LOCK = 653569
POSTGRESQL_PATIENCE = 120.0
POSTGRESQL_REFUSALS = ("authentication failed", "does not exist", "permission denied", "no pg_hba.conf entry", "SSL")

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

# What role monitoring's queries count by: no name, no value and no tag is among it.
COUNTED_COLUMNS = {
    "runs": ("status", "lifecycle_stage", "start_time"),
    "experiments": ("lifecycle_stage",),
    "registered_models": ("creation_time",),
    "model_versions": ("creation_time",),
    "metrics": ("is_nan",),
    "alembic_version": ("version_num",),
}


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


def upgrade(address: str) -> None:
    """MLflow's own migration, in a process of its own."""
    command = [sys.executable, "-m", "mlflow", "db", "upgrade", address]
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
    need_migration(current, head, known, guard=guard and current is not None, may_be_empty=True)
    need_room(database)
    work = database.with_name(f"{database.name}.upgrading")
    work.unlink(missing_ok=True)
    before = counts_of(database) if current else {}
    if current:
        shutil.copyfile(database, work)
    upgrade(f"sqlite:///{work}")
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


@contextlib.contextmanager
def postgresql() -> Iterator[Any]:
    """A cursor on the database that libpq's environment names; waits while it is still starting."""
    import psycopg2

    where = f"PostgreSQL {os.environ.get('PGHOST')}:{os.environ.get('PGPORT')}/{os.environ.get('PGDATABASE')}"
    deadline = time.monotonic() + POSTGRESQL_PATIENCE
    while True:
        try:
            connection = psycopg2.connect("", connect_timeout=10)
        except psycopg2.OperationalError as error:
            reason = str(error).strip().splitlines()[-1]
            is_final = any(
                word in reason for word in ("authentication failed", "does not exist", "no pg_hba.conf", "SSL")
            )
            if is_final or time.monotonic() >= deadline:
                raise Refused(f"{where} cannot be used ({reason}). Nothing was written.") from None
            time.sleep(1)
            continue
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            yield cursor
        return


def postgresql_tables(cursor: Any) -> set[str]:
    """The tables of the schema that MLflow works in."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))")
    return {name for (name,) in cursor.fetchall()}


def postgresql_revision(cursor: Any) -> str | None:
    """The revision the database is at; None where it holds no table yet."""
    tables = postgresql_tables(cursor)
    if not tables:
        return None
    if "alembic_version" in tables:
        cursor.execute("SELECT version_num FROM alembic_version")
        row = cursor.fetchone()
        if row:
            return str(row[0])
    raise Refused("The PostgreSQL database holds tables but no revision: it is not MLflow's. Nothing was written.")


def postgresql_counts(cursor: Any) -> dict[str, int]:
    """{table: rows} of the tables whose rows must all survive."""
    there = postgresql_tables(cursor)
    counts: dict[str, int] = {}
    for table in KEPT_TABLES:
        if table in there:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


def bring_postgresql_to_head(*, guard: bool, may_be_empty: bool) -> str:
    """As bring_to_head, on PostgreSQL. guard: writes nothing. may_be_empty: a database without tables is a new one."""
    head, known = image_revisions()
    with postgresql() as cursor:
        if not guard:
            cursor.execute("SELECT pg_advisory_lock(%s)", (POSTGRESQL_LOCK,))
        current = postgresql_revision(cursor)
        if current == head:
            return f"The database is at revision {head}: nothing to do."
        need_migration(current, head, known, guard=guard, may_be_empty=may_be_empty)
        before = postgresql_counts(cursor)
        upgrade(f"postgresql+psycopg2:///{os.environ['PGDATABASE']}")
        after, counts = postgresql_revision(cursor), postgresql_counts(cursor)
    lost = {table: rows - counts.get(table, 0) for table, rows in before.items() if counts.get(table, 0) < rows}
    if after != head or lost:
        raise Refused(
            f"The migrated database is not right (revision {after}, rows lost: {lost}): restore your backup of it."
        )
    if current is None:
        return f"A new database was made at revision {head}."
    return f"The database went from revision {current} to {head}; rows kept: {before}."


def let_count(reader: str) -> None:
    """Gives `reader` the columns that are counted, of those tables that it cannot read yet."""
    with postgresql() as cursor:
        # Pods that start at the same time would trip over each other's grants.
        cursor.execute("SELECT pg_advisory_lock(%s)", (POSTGRESQL_LOCK + 1,))
        for table, columns in COUNTED_COLUMNS.items():
            wanted = "SELECT bool_and(has_column_privilege(%s, %s, name, 'SELECT')) FROM unnest(%s) AS named (name)"
            cursor.execute(wanted, (reader, table, list(columns)))
            if not cursor.fetchone()[0]:
                cursor.execute(f'GRANT SELECT ({", ".join(columns)}) ON {table} TO "{reader}"')


def need_migration(current: str | None, head: str, known: set[str], *, guard: bool, may_be_empty: bool) -> None:
    """Refuses a database that this run must not bring to `head`."""
    if current is None and (guard or not may_be_empty):
        raise Refused(
            "The PostgreSQL database is empty, though MLflow has been on it: the variables postgres_* name another "
            "database, or its data is gone. Correct them, or restore a backup. Nothing was written."
        )
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
    options = sys.argv[2:]
    if sys.argv[1] == POSTGRESQL:
        said = bring_postgresql_to_head(guard="--guard" in options, may_be_empty="--new" in options)
        for reader in (option.partition("=")[2] for option in options if option.startswith("--reader=")):
            let_count(reader)
    else:
        said = bring_to_head(Path(sys.argv[1]), guard="--guard" in options)
    print(f"{said} ({time.monotonic() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
