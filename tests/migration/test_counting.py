"""The user by which role monitoring counts: all its queries work, and nothing else does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
import yaml
from migration_job import ROOT
from postgres_server import PostgresServer

DATABASE, OWNER, COUNTER, PASSWORD = "counted", "counted_owner", "counter", "made-for-a-test"
PREPARE = (ROOT / "roles/persistence/files/postgres/prepare.sql").read_text(encoding="utf-8")
QUERIES = yaml.safe_load((ROOT / "roles/monitoring/files/postgres-queries.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def counted(image: str, server: PostgresServer) -> Iterator[PostgresServer]:
    """A database that role persistence prepared and role mlflow brought to its schema."""
    known = {
        "SUPERUSER_PASSWORD": server.password,
        "MLFLOW_USERNAME": OWNER,
        "MLFLOW_PASSWORD": PASSWORD,
        "MLFLOW_DATABASE": DATABASE,
        "EXPORTER_USERNAME": COUNTER,
        "EXPORTER_PASSWORD": PASSWORD,
    }
    variables = [f"--env={name}={value}" for name, value in known.items()]
    psql = ["psql", server.address("postgres"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    run(["docker", "exec", "--interactive", *variables, server.name, *psql], PREPARE)
    run(["docker", "exec", "--interactive", *variables, server.name, *psql], PREPARE)
    schema(image, server, "--new")
    yield server
    server.run("postgres", "GRANT CONNECT ON DATABASE postgres TO PUBLIC")  # the server is other tests' too


def run(command: list[str], given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def schema(image: str, server: PostgresServer, *options: str) -> str:
    variables = {"PGHOST": "127.0.0.1", "PGPORT": server.port, "PGDATABASE": DATABASE, "PGUSER": OWNER}
    variables |= {"PGPASSWORD": PASSWORD, "HOME": "/tmp"}
    environment = [f"--env={name}={value}" for name, value in variables.items()]
    confined = ["--read-only", "--tmpfs", "/tmp", "--user", "1000", "--network", "host"]
    program = ["--volume", f"{ROOT / 'roles/mlflow/files'}:/program:ro", image, "python", "/program/schema.py"]
    return run(
        ["docker", "run", "--rm", *confined, *environment, *program, "postgresql", *options, f"--reader={COUNTER}"]
    )


def ask(server: PostgresServer, query: str) -> subprocess.CompletedProcess[str]:
    """As the user who counts."""
    address = server.address(DATABASE).replace("user=postgres", f"user={COUNTER}").replace(server.password, PASSWORD)
    command = ["docker", "exec", server.name, "psql", address, "-X", "-qAt", "-c", query]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_of_the_exporter_is_answered(counted: PostgresServer, name: str) -> None:
    done = ask(counted, QUERIES[name]["query"])
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()[0].split("|")) == len(QUERIES[name]["metrics"])


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM experiments",
        "SELECT value FROM params",
        "SELECT value FROM metrics",
        "SELECT * FROM webhooks",
        "DELETE FROM runs",
        "UPDATE alembic_version SET version_num = 'x'",
        "CREATE TABLE mine (a integer)",
        "CREATE TEMPORARY TABLE mine (a integer)",
    ],
)
def test_nothing_else_is_answered(counted: PostgresServer, statement: str) -> None:
    done = ask(counted, f"BEGIN READ WRITE; {statement}")
    assert done.returncode != 0, done.stdout
    assert "permission denied" in done.stderr


def test_writes_nothing_by_mistake(counted: PostgresServer) -> None:
    assert "read-only transaction" in ask(counted, "DELETE FROM runs").stderr


def test_a_start_after_that_changes_nothing(image: str, counted: PostgresServer) -> None:
    grants = "SELECT attrelid::regclass, attname, attacl FROM pg_attribute WHERE attacl IS NOT NULL ORDER BY 1, 2"
    before = counted.run(DATABASE, grants)
    assert before
    assert "nothing to do" in schema(image, counted, "--guard")
    assert counted.run(DATABASE, grants) == before
