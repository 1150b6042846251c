"""A migration that goes well: everything is there, proved, and MLflow works with it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import urllib3
from migration_job import Job, Outcome, ended, free_port, new_job
from postgres_server import PostgresServer

Migrated = tuple[Job, Outcome]
Change = Callable[[Path, str], None]


def tables_of(path: Path) -> dict[str, int]:
    """{table: rows} of an SQLite file."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute(query)]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def test_every_row_of_every_table_is_proved(migrated: Migrated) -> None:
    job, outcome = migrated
    assert outcome.code == 0, outcome.output
    there = tables_of(job.sqlite)
    assert {table: told["rows"] for table, told in outcome.digests.items()} == there
    assert min(there.values()) > 0
    counts = {table: int(job.server.run(job.database, f'SELECT count(*) FROM "{table}"')[0]) for table in there}
    assert counts == there


def test_the_sqlite_file_is_as_it_was_and_its_copy_too(migrated: Migrated, filled: Path) -> None:
    job, _ = migrated
    assert job.sqlite.read_bytes() == (filled / "mlflow.db").read_bytes()
    assert (job.volume / "migration/mlflow.db.frozen").read_bytes() == job.sqlite.read_bytes()


def test_floats_are_bit_for_bit_the_same(migrated: Migrated) -> None:
    job, _ = migrated
    query = "SELECT value FROM metrics WHERE key = 'edge' ORDER BY step"
    with closing(sqlite3.connect(job.sqlite)) as connection:
        wanted = [value for (value,) in connection.execute(query)]
    found = [float(value) for value in job.server.run(job.database, query)]
    assert [value.hex() for value in found] == [value.hex() for value in wanted]
    assert 5e-324 in found


def test_a_generated_column_is_computed_by_postgresql(migrated: Migrated) -> None:
    job, _ = migrated
    query = "SELECT count(*) FROM spans WHERE duration_ns = end_time_unix_nano - start_time_unix_nano"
    assert int(job.server.run(job.database, query)[0]) > 0


def test_the_schema_is_the_one_mlflow_makes(migrated: Migrated, image: str, server: PostgresServer) -> None:
    job, _ = migrated
    fresh = Job(image, job.volume, server, server.new_database())
    address = f"postgresql+psycopg://mlflow:{server.password}@127.0.0.1:{server.port}/{fresh.database}"
    made = ended(fresh.start("-m", "mlflow", "db", "upgrade", address))
    assert made.code == 0, made.output
    assert dump(job) == dump(fresh)


def dump(job: Job) -> list[str]:
    """The schema as pg_dump has it, without the sequences' values."""
    address = (
        f"host=127.0.0.1 port={job.server.port} dbname={job.database} user=postgres password={job.server.password}"
    )
    command = ["docker", "exec", job.server.name, "pg_dump", "--schema-only", address]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line for line in lines if not line.startswith(("--", "\\restrict", "\\unrestrict"))]


def test_mlflow_reads_everything_the_same_from_both(job: Job, change: Change, tmp_path: Path) -> None:
    # MLflow does not start where these have rows and it is not told to keep them up.
    change(job.sqlite, "; ".join(f"DELETE FROM {table}" for table in ROLLUPS))
    (tmp_path / "other").mkdir()
    before = new_job(job.image, job.server, job.volume, tmp_path / "other")
    assert job.run("migrate").code == 0
    address = f"postgresql+psycopg://mlflow:{job.server.password}@127.0.0.1:{job.server.port}/{job.database}"
    wanted, found = read(before, "sqlite:////data/mlflow.db"), read(job, address)
    assert found["experiments"] == wanted["experiments"]
    assert len(wanted["experiments"]) == 3
    assert found["registry"] == wanted["registry"]
    assert found["runs"] == wanted["runs"]
    assert found["traces"] == wanted["traces"]
    assert len(wanted["traces"]) == 5
    assert found["models"] == wanted["models"]


ROLLUPS = ("sql_assessment_daily_rollups", "sql_span_cost_daily_rollups", "sql_trace_metric_daily_rollups")


def read(job: Job, address: str) -> dict[str, Any]:
    """What a server on this database answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    name = f"test-mlflow-{port}"
    server = job.start(
        *(
            "-m",
            "mlflow",
            "server",
            "--host=127.0.0.1",
            f"--port={port}",
            "--workers=1",
            "--backend-store-uri",
            address,
        ),
        name=name,
        options=("--env", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false"),
    )
    try:
        wait_until_answers(url, server)
        answer = ended(job.start("/tests/read_everything.py", url))
        assert answer.code == 0, answer.output
        content: dict[str, Any] = json.loads(next(line for line in answer.output.splitlines() if line.startswith("{")))
        return content
    finally:
        subprocess.run(["docker", "kill", name], check=False, capture_output=True)
        server.wait()


def wait_until_answers(url: str, process: Any) -> None:
    pool, deadline = urllib3.PoolManager(timeout=2.0), time.monotonic() + 120
    while True:
        try:
            if pool.request("GET", f"{url}/health", retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline, f"{url} does not answer"
        time.sleep(0.2)


def test_numbers_go_on_where_sqlite_ended(migrated: Migrated) -> None:
    job, outcome = migrated
    for sequence, following in outcome.report["sequences"].items():
        table, column = SEQUENCES[sequence]
        greatest = int(job.server.run(job.database, f"SELECT max({column}) FROM {table}")[0])
        assert following == greatest + 1
        if greatest < (1 << 31) - 1:
            assert job.server.run(job.database, f"SELECT nextval('{sequence}')") == [str(following)]


SEQUENCES = {
    "experiments_experiment_id_seq": ("experiments", "experiment_id"),
    **{f"{table}_id_seq": (table, "id") for table in ROLLUPS},
}


def test_a_second_run_changes_nothing(job: Job) -> None:
    first = job.run("migrate")
    second = job.run("migrate")
    assert second.code == 0, second.output
    assert second.digests == first.digests
    assert "copy" not in second.report["steps"]
    assert job.run("status").code == 0


def test_an_upgraded_target_that_is_empty_is_taken(job: Job) -> None:
    address = f"postgresql+psycopg://mlflow:{job.server.password}@127.0.0.1:{job.server.port}/{job.database}"
    assert ended(job.start("-m", "mlflow", "db", "upgrade", address)).code == 0
    assert job.server.run(job.database, "SELECT name FROM workspaces") == ["default"]
    outcome = job.run("migrate")
    assert outcome.code == 0, outcome.output


def test_basic_auths_database_is_moved_the_same_way(
    image: str, server: PostgresServer, filled: Path, tmp_path: Path
) -> None:
    job = new_job(image, server, filled, tmp_path, "auth.db")
    job.settings["MIGRATION_SCHEMA"] = "auth"
    before = job.digest()
    assert job.run("preflight").code == 0
    outcome = job.run("migrate")
    assert outcome.code == 0, outcome.output
    assert {table: told["rows"] for table, told in outcome.digests.items()} == tables_of(job.sqlite)
    assert job.server.run(job.database, "SELECT username FROM users ORDER BY id") == ["admin", "müller 🦆"]
    assert job.digest() == before


def test_preflight_writes_to_neither_side(job: Job) -> None:
    before = job.digest()
    outcome = job.run("preflight")
    assert outcome.code == 0, outcome.output
    assert job.digest() == before
    assert job.server.holds_nothing(job.database)


def test_the_report_leaves_in_the_log_in_a_file_and_as_the_termination_message(job: Job) -> None:
    (job.volume / "termination").touch()
    (job.volume / "termination").chmod(0o666)
    outcome = job.run("migrate", MIGRATION_TERMINATION_LOG="/data/termination")
    assert json.loads((job.volume / "migration/report.json").read_text()) == outcome.report
    short = (job.volume / "termination").read_text()
    assert len(short) < 4096
    assert json.loads(short)["sentence"] == outcome.sentence
    assert job.server.password not in outcome.output


WRITES = {
    "an insert": "INSERT INTO tags (key, value, run_uuid) SELECT 'new', 'x', min(run_uuid) FROM runs",
    "an update": "UPDATE runs SET name = 'renamed' WHERE run_uuid = (SELECT min(run_uuid) FROM runs)",
    "a delete": "DELETE FROM params WHERE key = '8000'",
}


def test_status_counts_each_kind_of_newer_write(job: Job) -> None:
    job.run("migrate")
    assert job.run("status").code == 0
    job.server.run(job.database, "VACUUM (FREEZE, ANALYZE)")
    assert job.run("status").code == 0
    expected: list[tuple[dict[str, int], dict[str, int]]] = [
        ({"tags": 1}, {}),
        ({"tags": 1, "runs": 1}, {"runs": 1}),
        ({"tags": 1, "runs": 1}, {"runs": 1, "params": 1}),
    ]
    for write, (written, gone) in zip(WRITES.values(), expected, strict=False):
        job.server.run(job.database, write)
        outcome = job.run("status")
        assert outcome.code == 20, outcome.output
        assert outcome.report["newer"] == {"written": written, "gone": gone}


def test_a_later_state_of_the_file_replaces_the_copy(job: Job, change: Change) -> None:
    first = job.run("migrate")
    change(job.sqlite, "UPDATE runs SET name = 'later' WHERE run_uuid = (SELECT min(run_uuid) FROM runs)")
    assert job.run("preflight").code == 0
    second = job.run("migrate")
    assert second.code == 0, second.output
    changed = {table for table in first.digests if first.digests[table] != second.digests[table]}
    assert changed == {"runs"}
    # Unless PostgreSQL has newer writes.
    job.server.run(job.database, WRITES["an insert"])
    change(job.sqlite, "UPDATE runs SET name = 'latest' WHERE run_uuid = (SELECT min(run_uuid) FROM runs)")
    third = job.run("migrate")
    assert third.code == 12, third.output
    assert "tags" in third.sentence
    assert job.server.run(job.database, "SELECT count(*) FROM tags WHERE key = 'new'") == ["1"]


@pytest.mark.parametrize("command", ["preflight", "migrate"])
def test_the_log_is_the_progress(job: Job, command: str) -> None:
    lines = job.run(command).output.splitlines()
    assert any("rows/s" in line for line in lines)
    assert lines[-2].startswith("OK: ")
