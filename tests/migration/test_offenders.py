"""Rows that PostgreSQL would refuse: each is found with its table, key, column and rule, or left out and listed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from migration_job import Job, Outcome, new_job
from postgres_server import PostgresServer

RUN = "(SELECT min(run_uuid) FROM runs WHERE name LIKE 'bulk%')"
WITHOUT_NOT_NULL = """
PRAGMA writable_schema = 1;
UPDATE sqlite_master SET sql = replace(sql, 'status VARCHAR(50) NOT NULL', 'status VARCHAR(50)')
    WHERE name = 'trace_info';
PRAGMA writable_schema = RESET;
"""

WITH_A_KEY = """
PRAGMA writable_schema = 1;
UPDATE sqlite_master SET sql = replace(sql, 'CONSTRAINT jobs_pk',
    'FOREIGN KEY(executor_backend) REFERENCES workspaces (name), CONSTRAINT jobs_pk') WHERE name = 'jobs';
PRAGMA writable_schema = RESET;
UPDATE jobs SET executor_backend = NULL;
"""

# {kind: (script, table, column, words of the rule)}
KINDS: dict[str, tuple[str, str, str, str]] = {
    "a NUL in a text": (
        f"UPDATE runs SET source_name = 'a' || char(0) || 'b' WHERE run_uuid = {RUN}",
        "runs",
        "source_name",
        "NUL",
    ),
    "bad UTF-8": ("UPDATE tags SET value = CAST(x'61ff62' AS TEXT) WHERE key = 'tag 1'", "tags", "value", "not UTF-8"),
    "a surrogate": (
        "UPDATE tags SET value = CAST(x'eda080' AS TEXT) WHERE key = 'tag 2'",
        "tags",
        "value",
        "not UTF-8",
    ),
    "an overlong text": (
        "UPDATE params SET value = value || 'é' WHERE key = '8000'",
        "params",
        "value",
        "longer than 8000 characters",
    ),
    "text in an integer column": (
        f"UPDATE metrics SET step = 'ten' WHERE rowid = (SELECT min(rowid) FROM metrics WHERE run_uuid = {RUN})",
        "metrics",
        "step",
        "not a 64-bit integer",
    ),
    "a float in an integer column": (
        f"UPDATE metrics SET timestamp = 1.5 WHERE rowid = (SELECT max(rowid) FROM metrics WHERE run_uuid = {RUN})",
        "metrics",
        "timestamp",
        "not a 64-bit integer",
    ),
    "an integer past 32 bits": (
        "UPDATE scheduler_leases SET ttl_seconds = 3000000000 WHERE rowid = 1",
        "scheduler_leases",
        "ttl_seconds",
        "outside -2147483648 to 2147483647",
    ),
    "a boolean that is neither": (
        "UPDATE latest_metrics SET is_nan = 2 WHERE rowid = 1",
        "latest_metrics",
        "is_nan",
        "neither 0 nor 1",
    ),
    "text in a float column": (
        "UPDATE latest_metrics SET value = 'high' WHERE rowid = 2",
        "latest_metrics",
        "value",
        "not a number",
    ),
    "a date that does not exist": (
        "UPDATE sql_trace_rollup_rebuild_queue SET rollup_day = '2026-02-30' WHERE rowid = 1",
        "sql_trace_rollup_rebuild_queue",
        "rollup_day",
        "not valid a date",
    ),
    "JSON that is none": (
        "UPDATE evaluation_dataset_records SET inputs = '{\"x\": NaN}' WHERE rowid = 1",
        "evaluation_dataset_records",
        "inputs",
        "not valid JSON",
    ),
    "bytes in a text column": ("UPDATE webhooks SET url = x'00ff' WHERE rowid = 1", "webhooks", "url", "is not text"),
    "text in a bytes column": (
        "UPDATE secrets SET wrapped_dek = 'text' WHERE rowid = 1",
        "secrets",
        "wrapped_dek",
        "not bytes",
    ),
    "a status that is none": (
        f"UPDATE runs SET status = 'LOST' WHERE run_uuid = {RUN}",
        "runs",
        "status",
        "is none of",
    ),
    "an orphan": (
        "INSERT INTO params VALUES ('orphan', 'x', 'no such run')",
        "params",
        "run_uuid",
        "names a row of runs that is not there",
    ),
    "an orphan by a key that only the file has": (
        WITH_A_KEY + "UPDATE jobs SET executor_backend = 'nowhere' WHERE rowid = 1",
        "jobs",
        "executor_backend",
        "names a row of workspaces that is not there (foreign_key_check)",
    ),
    "a double": (
        "DROP INDEX index_scorers_experiment_id_scorer_name;"
        "INSERT INTO scorers SELECT experiment_id, scorer_name, 'twin' FROM scorers WHERE rowid = 1",
        "scorers",
        "scorer_name",
        "more than once",
    ),
    "a NULL": (
        WITHOUT_NOT_NULL + "UPDATE trace_info SET status = NULL WHERE rowid = 1",
        "trace_info",
        "status",
        "is NULL",
    ),
    "too long for an index": (
        "UPDATE sql_span_cost_daily_rollups SET model_name = replace(hex(zeroblob(250)), '0', '🦆'),"
        " model_provider = replace(hex(zeroblob(250)), '0', '🦆') WHERE id = 2",
        "sql_span_cost_daily_rollups",
        "model_name",
        "longer than what the index",
    ),
}


@pytest.fixture(scope="module")
def bad(image: str, server: PostgresServer, filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A file with one offender of each kind."""
    return new_job(image, server, filled, tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="module")
def found(bad: Job, change: Callable[[Path, str], None]) -> Outcome:
    """What preflight says of it."""
    for script, *_ in KINDS.values():
        change(bad.sqlite, script)
    return bad.run("preflight")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_offender_is_told_with_its_key_and_rule(found: Outcome, kind: str) -> None:
    _, table, column, words = KINDS[kind]
    told = [each for each in found.report["offenders"]["first"] if each["table"] == table and column in each["column"]]
    assert any(words in each["rule"] for each in told), found.report["offenders"]
    assert all(each["key"] for each in told)


def test_offenders_refuse_the_migration_and_nothing_else_is_one(found: Outcome, bad: Job) -> None:
    assert found.code == 10
    # Two of them are in one row.
    assert found.report["offenders"]["rows"] == len(KINDS) - 1
    assert "bad_rows=quarantine" in found.sentence
    assert bad.server.holds_nothing(bad.database)


def test_a_row_that_came_after_preflight_is_refused_while_it_is_copied(
    job: Job, change: Callable[[Path, str], None]
) -> None:
    change(job.sqlite, KINDS["text in an integer column"][0])
    before = job.digest()
    outcome = job.run("migrate")
    assert outcome.code == 10, outcome.output
    assert "column step is int8" in outcome.sentence
    assert job.server.holds_nothing(job.database)
    assert job.digest() == before


def test_quarantine_leaves_out_exactly_those_rows_and_their_dependants(found: Outcome, bad: Job) -> None:
    before = bad.digest()
    outcome = bad.run("migrate", MIGRATION_BAD_ROWS="quarantine")
    assert outcome.code == 0, outcome.output
    lines = (bad.volume / "migration/quarantined.jsonl").read_text().splitlines()
    left_out = [json.loads(line) for line in lines]
    assert outcome.report["quarantined"] == counted(left_out)
    assert len(left_out) > found.report["offenders"]["rows"]
    assert "names a row of runs that is left out" in str(outcome.report["offenders"]["rules"])
    assert f"without {len(left_out):,} that were left out" in outcome.sentence
    assert "no such run" in outcome.report["left_out"]
    [nul] = [row for row in left_out if row["table"] == "runs" and row["columns"]["status"]["literal"] == "'LOST'"]
    assert nul["columns"]["source_name"]["hex"] == "610062"
    assert bad.digest() == before
    runs = bad.server.run(bad.database, "SELECT count(*) FROM runs")
    assert runs == [str(outcome.digests["runs"]["rows"])]


def counted(rows: list[dict[str, str]]) -> dict[str, int]:
    tables = [row["table"] for row in rows]
    return {table: tables.count(table) for table in set(tables)}
