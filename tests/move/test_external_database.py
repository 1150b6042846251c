"""Into a PostgreSQL that no role made, and back: what cannot be is refused, what can be is proved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import external_database
import pytest
from external_database import ExternalDatabase
from playbook import Run, run_playbook
from stack_on_sqlite import (
    DEPLOYMENT,
    filled,
    in_the_file,
    journal,
    need_service,
    of_the_file,
    with_users,
)

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

MIGRATE, ROLLBACK = "migrate-to-postgres.yml", "rollback-to-sqlite.yml"
METRIC_ROWS, SEED = 20_000, 5
AUTH = {"migration_auth_file": "basic_auth.db", "postgres_auth_database": "users"}
RUN = "(SELECT min(run_uuid) FROM runs WHERE name LIKE 'bulk%')"
# A NUL in a run, on which its metrics depend, and a param that is too long.
SPOIL = f"""
UPDATE runs SET source_name = 'a' || char(0) || 'b' WHERE run_uuid = {RUN};
UPDATE params SET value = value || 'é' WHERE key = '8000';
"""
MEND = f"""
UPDATE runs SET source_name = NULL WHERE run_uuid = {RUN};
UPDATE params SET value = substr(value, 1, 8000) WHERE key = '8000';
"""


@pytest.fixture(scope="module", autouse=True)
def file(cluster: Cluster) -> JSON:
    """What the file holds, which is filled."""
    return filled(cluster, METRIC_ROWS, SEED)


@pytest.fixture(scope="module")
def database(cluster: Cluster, images: dict[str, str]) -> Iterator[ExternalDatabase]:
    with external_database.running(cluster, images["postgres_image"]) as database:
        yield database


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs a playbook with these variables."""

    def run(name: str, variables: dict[str, JSON], *arguments: str) -> Run:
        (tmp_path / "variables.json").write_text(json.dumps(variables))
        return run_playbook("-e", f"@{tmp_path}/variables.json", *arguments, name=name)

    return run


def need_refusal(cluster: Cluster, run: Run, file: JSON, *words: str) -> None:
    """It failed with these words, nothing changed on SQLite's side, and MLflow serves."""
    assert run.status != 0, run.output
    assert [word for word in words if word not in run.words] == [], run.output
    assert "is a fault of mlops.tracking" not in run.output
    need_service(cluster, "sqlite")
    assert of_the_file(cluster)["sha256"] == file["sha256"]
    assert journal(cluster).phase == "returned"


def test_a_prediction_says_what_would_be_and_changes_nothing(cluster: Cluster, file: JSON) -> None:
    before = cluster.request("GET", DEPLOYMENT)["metadata"]
    predicted = run_playbook("--check", "--diff", name=MIGRATE)
    assert predicted.status == 0, predicted.output
    assert predicted.recap("changed") > 0
    for thing in ("StatefulSet monitoring/postgres", "Job monitoring/mlflow-migration-migrate", "postgresql+psycopg2"):
        assert thing in predicted.output
    after = cluster.request("GET", DEPLOYMENT)["metadata"]
    assert (after["uid"], after["generation"]) == (before["uid"], before["generation"])
    assert cluster.get("/apis/apps/v1/namespaces/monitoring/statefulsets/postgres") is None
    assert cluster.get("/api/v1/namespaces/monitoring/configmaps/tracking-migration") is None


def test_wrong_credentials_are_refused(cluster: Cluster, file: JSON, database: ExternalDatabase, run: Any) -> None:
    given = database.variables("postgres_wrong") | {"postgres_external_secret": ""}
    given |= {"postgres_external_username": "team", "postgres_external_password": "canary-password"}
    refused = run(MIGRATE, given, "-vvv", "--diff")
    need_refusal(cluster, refused, file, "refuses user team's password")
    assert "canary-password" not in refused.output


def test_a_target_that_is_not_empty_is_refused(
    cluster: Cluster, file: JSON, database: ExternalDatabase, run: Any
) -> None:
    database.run("CREATE DATABASE filled OWNER team")
    database.run("CREATE TABLE runs (a int); INSERT INTO runs VALUES (1); ALTER TABLE runs OWNER TO team", "filled")
    refused = run(MIGRATE, database.variables("filled"))
    need_refusal(cluster, refused, file, "holds rows in 1 of MLflow's tables", "runs (1)")
    assert database.run("SELECT count(*) FROM runs", "filled") == ["1"]
    assert database.tables("filled") == 1


def test_a_full_target_disk_is_refused(cluster: Cluster, file: JSON, database: ExternalDatabase, run: Any) -> None:
    database.run("CREATE DATABASE full_disk OWNER team")
    with database.full():
        refused = run(MIGRATE, database.variables("full_disk"))
    need_refusal(cluster, refused, file, "No space left on device")
    assert database.tables("full_disk") == 0


@pytest.fixture(scope="module")
def moved(cluster: Cluster, database: ExternalDatabase, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, JSON]:
    """A move that leaves bad rows out, to two replicas; and the report."""
    in_the_file(cluster, SPOIL)
    with_users(cluster)
    for name in ("tracking", "users"):
        database.run(f"CREATE DATABASE {name} OWNER team")
    folder = tmp_path_factory.mktemp("moved")
    variables = database.variables(
        "tracking", mlflow_replicas=2, migration_report_file=str(folder / "report.json"), **AUTH
    )
    (folder / "variables.json").write_text(json.dumps(variables))
    run = run_playbook("-e", f"@{folder}/variables.json", "-e", "bad_rows=quarantine", name=MIGRATE)
    assert run.status == 0, run.output
    return run, json.loads((folder / "report.json").read_text())


def test_bad_rows_are_left_out_and_listed(cluster: Cluster, file: JSON, moved: tuple[Run, JSON]) -> None:
    run, report = moved
    program = report["program"]
    assert program["quarantined"].keys() >= {"runs", "params", "metrics"}
    assert program["rows"] == sum(file["counts"].values()) - sum(program["quarantined"].values())
    assert len(of_the_file(cluster)["left_out"]) == sum(program["quarantined"].values())
    assert report["api_without_rows_left_out"]
    assert "without rows that were left out" in run.words
    assert report["api"]["traces"] == 5
    assert report["api"]["artifacts"] == 1


def test_basic_auths_own_file_is_moved_the_same_way(moved: tuple[Run, JSON], database: ExternalDatabase) -> None:
    assert database.run("SELECT username FROM users ORDER BY id", "users") == ["admin", "müller 🦆"]
    assert database.tables("users") > 5
    assert "users" not in moved[1]["program"]["tables"]


def test_two_replicas_serve_from_it_and_a_second_run_changes_nothing(
    cluster: Cluster, moved: tuple[Run, JSON], database: ExternalDatabase, run: Any
) -> None:
    need_service(cluster, "postgresql")
    assert cluster.request("GET", DEPLOYMENT)["status"]["readyReplicas"] == 2
    # None of PostgreSQL's own objects: it is not ours.
    assert cluster.get("/apis/apps/v1/namespaces/monitoring/statefulsets/postgres") is None
    second = run("site.yml", database.variables("tracking", mlflow_replicas=2))
    assert second.status == 0, second.output
    assert second.recap("changed") == 0, second.output


def test_the_way_back_is_open_while_nothing_newer_is_there(
    cluster: Cluster, moved: tuple[Run, JSON], file: JSON, database: ExternalDatabase, run: Any
) -> None:
    variables = database.variables("tracking", mlflow_replicas=2, **AUTH)
    predicted = run(ROLLBACK, variables, "--check")
    assert predicted.status == 0, predicted.output
    need_service(cluster, "postgresql")
    back = run(ROLLBACK, variables)
    assert back.status == 0, back.output
    need_service(cluster, "sqlite")
    assert cluster.request("GET", DEPLOYMENT)["spec"]["replicas"] == 1
    assert journal(cluster).phase == "done"
    assert of_the_file(cluster)["counts"] == file["counts"]
    assert int(database.run("SELECT count(*) FROM experiments", "tracking")[0]) == file["counts"]["experiments"]
    in_the_file(cluster, MEND)
