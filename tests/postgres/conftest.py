"""A real PostgreSQL as role persistence describes one: MLflow's role, one that counts, and MLflow's database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "migration"))
sys.path.insert(0, str(Path(__file__).parent))

import postgres_server
from migration_job import built, free_port
from postgres_described import DESCRIBED
from postgres_server import PostgresServer

PREPARED = (
    "ALTER ROLE mlflow LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "CREATE DATABASE mlflow OWNER mlflow",
    "REVOKE ALL ON DATABASE mlflow FROM PUBLIC",
    "CREATE ROLE counter LOGIN CONNECTION LIMIT 5",
    "ALTER ROLE counter SET statement_timeout = '20s'",
    "GRANT CONNECT ON DATABASE mlflow TO counter",
    "GRANT pg_use_reserved_connections TO counter",
)


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    with postgres_server.running(built("postgres"), free_port(), tmp_path_factory.mktemp("postgres")) as server:
        lines = "".join(f"{name} = '{value}'\n" for name, value in DESCRIBED.items())
        server.shell(f"cat >/data/postgresql.conf <<'END'\n{lines}END\n")
        server.kill()
        server.start()
        for statement in PREPARED:
            server.run("postgres", statement)
        server.run("postgres", f"ALTER ROLE counter PASSWORD '{server.password}'")
        yield server
