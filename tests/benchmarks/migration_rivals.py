"""Others who move the table `metrics`, in MLflow's image.

    python migration_rivals.py bare|rebuilt|pandas|parents FILE

All take libpq's environment variables. parents: the rows that metrics refer to, which are not measured.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from typing import Any

import psycopg

COLUMNS = ("key", "value", "timestamp", "run_uuid", "step", "is_nan")


def copy(source: sqlite3.Connection, connection: psycopg.Connection[Any], table: str) -> None:
    """Every row, one by one, as psycopg's documentation shows it."""
    names = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as stream:
        for row in source.execute(f"SELECT {columns} FROM {table}"):
            stream.write_row(row)


def bare(source: sqlite3.Connection) -> None:
    """Into the table as MLflow made it."""
    with psycopg.connect("") as connection:
        copy(source, connection, "metrics")


def rebuilt(source: sqlite3.Connection) -> None:
    """Indexes and constraints are dropped before and made again after, as one who knows PostgreSQL does by hand."""
    with psycopg.connect("") as connection:
        constraints = connection.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'metrics'::regclass"
            " AND contype IN ('p', 'f') ORDER BY contype DESC"
        ).fetchall()
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'metrics' AND indexname <> 'metric_pk'"
        ).fetchall()
        for name, _ in constraints:
            connection.execute(f"ALTER TABLE metrics DROP CONSTRAINT {name}")
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        copy(source, connection, "metrics")
        for name, definition in constraints:
            connection.execute(f"ALTER TABLE metrics ADD CONSTRAINT {name} {definition}")
        for _, definition in indexes:
            connection.execute(definition)


def parents(source: sqlite3.Connection) -> None:
    with psycopg.connect("") as connection:
        for table in ("experiments", "runs", "latest_metrics"):
            connection.execute(f"TRUNCATE {table} CASCADE")
            copy(source, connection, table)


def with_pandas(source: sqlite3.Connection) -> None:
    """In chunks, as its documentation shows it."""
    import pandas  # type: ignore[import-untyped]
    import sqlalchemy

    engine = sqlalchemy.create_engine("postgresql+psycopg://", connect_args={})
    query = f"SELECT {', '.join(COLUMNS)} FROM metrics"
    for chunk in pandas.read_sql_query(query, source, chunksize=10_000):
        chunk["is_nan"] = chunk["is_nan"].astype(bool)
        chunk.to_sql("metrics", engine, if_exists="append", index=False)


if __name__ == "__main__":
    contestants = {"bare": bare, "rebuilt": rebuilt, "parents": parents, "pandas": with_pandas}
    os.environ.setdefault("PGAPPNAME", "benchmark")
    contestants[sys.argv[1]](sqlite3.connect(f"file:{sys.argv[2]}?mode=ro", uri=True))
