"""A million metric rows move while a client logs: whatever is killed on the way, every acknowledged write is there."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_pod import in_postgres
from playbook import Run, ended, kill, run_playbook, start_playbook
from stack_on_sqlite import (
    DEPLOYMENT,
    PODS,
    TRACKING_URI,
    filled,
    journal,
    need_service,
    of_the_file,
    wait_until,
)
from user_job import JOBS, image_of_mlflow, job, wait_until_ended
from user_job import PODS as TRAINING_PODS

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport

JSON = Any

MIGRATE, ROLLBACK = "migrate-to-postgres.yml", "rollback-to-sqlite.yml"
METRIC_ROWS, SEED = 1_000_000, 6
ROLLUPS = {"sql_assessment_daily_rollups", "sql_span_cost_daily_rollups", "sql_trace_metric_daily_rollups"}
MOVING = "job-name=mlflow-migration-migrate"
CLIENT = (Path(__file__).parent / "throughout.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def file(cluster: Cluster) -> JSON:
    """What the file holds, with a million metric rows."""
    found = filled(cluster, METRIC_ROWS, SEED)
    assert found["counts"]["metrics"] > METRIC_ROWS
    assert {table for table, rows in found["counts"].items() if not rows} == ROLLUPS
    return found


def kill_on_the_node(cluster: Cluster, pattern: str) -> None:
    """By -9. A pod that is deleted is asked first, and may come to its end."""
    (node,) = cluster.request("GET", "/api/v1/nodes")["items"]
    subprocess.run(["docker", "exec", node["metadata"]["name"], "pkill", "-9", "-f", pattern], check=True)


def until_it_copies(cluster: Cluster, process: subprocess.Popen[str]) -> None:
    """Until rows are moved. The pod of an earlier move may be there still."""
    moving = {"labelSelector": MOVING, "fieldSelector": "status.phase=Running"}

    def copies() -> bool:
        assert process.poll() is None, process.communicate()[0]
        for pod in cluster.request("GET", PODS, query=moving)["items"]:
            try:
                log = str(cluster.request("GET", f"{PODS}/{pod['metadata']['name']}/log", is_text=True))
            except ApiError:
                continue  # it has not begun
            if "copy: begins" in log:
                return True
        return False

    wait_until(copies, 300)


def need_return(cluster: Cluster, run: Run, file: JSON) -> None:
    """The run said why, MLflow serves from SQLite, whose file is as it was, and PostgreSQL holds nothing."""
    assert run.status != 0, run.output
    assert "MLflow serves as before, from SQLite, and nothing is lost." in run.words
    assert journal(cluster).phase == "returned"
    need_service(cluster, "sqlite")
    assert of_the_file(cluster)["sha256"] == file["sha256"]
    wait_until(lambda: in_postgres("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == ["0"])


def test_a_job_that_is_killed_in_the_copy_brings_mlflow_back(cluster: Cluster, file: JSON) -> None:
    process = start_playbook(name=MIGRATE)
    until_it_copies(cluster, process)
    kill_on_the_node(cluster, "python[0-9.]* -m migration migrate")
    need_return(cluster, ended(process), file)


def test_a_postgresql_that_is_killed_in_the_copy_brings_mlflow_back(cluster: Cluster, file: JSON) -> None:
    process = start_playbook(name=MIGRATE)
    until_it_copies(cluster, process)
    kill_on_the_node(cluster, "bin/postgres -D")
    run = ended(process)
    wait_until(lambda: _is_ready(cluster, "postgres-0"))
    need_return(cluster, run, file)


def _is_ready(cluster: Cluster, pod: str) -> bool:
    found = cluster.get(f"{PODS}/{pod}") or {"status": {}}
    return any(each["type"] == "Ready" and each["status"] == "True" for each in found["status"].get("conditions") or [])


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Iterator[str]:
    """A Job of namespace training that logs every 0.25 s; its name."""
    name = "throughout"
    cluster.request("POST", JOBS, body=job(name, image_of_mlflow(cluster), CLIENT, ()))
    try:
        wait_until(lambda: "8" in _log(cluster).splitlines())
        yield name
    finally:
        cluster.request("DELETE", f"{JOBS}/{name}", query={"propagationPolicy": "Background"})


def _log(cluster: Cluster) -> str:
    """The client's, as far as it is there."""
    for pod in cluster.request("GET", TRAINING_PODS, query={"labelSelector": "job-name=throughout"})["items"]:
        try:
            return str(cluster.request("GET", f"{TRAINING_PODS}/{pod['metadata']['name']}/log", is_text=True))
        except ApiError:
            return ""
    return ""


@pytest.fixture(scope="module")
def second(cluster: Cluster, client: str) -> Run:
    """A run that was begun while another one was moving; that other one is killed (-9) in the freeze."""
    process = start_playbook(name=MIGRATE)
    wait_until(lambda: journal(cluster).phase == "move", 300)
    wait_until(lambda: cluster.request("GET", DEPLOYMENT)["spec"]["replicas"] == 0)
    process.send_signal(signal.SIGSTOP)
    try:
        return run_playbook(name=MIGRATE)
    finally:
        kill(process)


def test_of_two_moves_at_once_the_second_is_refused(second: Run) -> None:
    assert second.status != 0
    assert "A migration of MLflow's database is under way" in second.words
    assert second.recap("changed") == 0, second.output


@pytest.fixture(scope="module")
def moved(cluster: Cluster, second: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, JSON]:
    """The next run, which ends what the killed one left, and its report."""
    path = tmp_path_factory.mktemp("moved") / "report.json"
    run = run_playbook("-e", f"migration_report_file={path}", name=MIGRATE)
    assert run.status == 0, run.output
    return run, json.loads(path.read_text())


@pytest.fixture(scope="module")
def told(cluster: Cluster, client: str, moved: tuple[Run, JSON]) -> JSON:
    """What the client knows at its end, which it comes to when it is told so."""
    run_id = _run_of(cluster)
    with (
        reach(cluster, TRACKING_URI) as reached,
        Transport(reached.url, host_header=reached.host_header) as transport,
    ):
        transport.post("runs/set-tag", {"run_id": run_id, "key": "stop", "value": "now"})
    assert wait_until_ended(cluster, client), _log(cluster)
    found: JSON = json.loads(_log(cluster).splitlines()[-1])
    return found


def _run_of(cluster: Cluster) -> str:
    return in_postgres("SELECT run_uuid FROM runs WHERE name = 'throughout' ORDER BY start_time DESC")[0]


def test_every_row_of_every_table_is_there(moved: tuple[Run, JSON], file: JSON) -> None:
    _, report = moved
    rows = {table: told["rows"] for table, told in report["program"]["tables"].items()}
    # The client has written meanwhile: its experiment, its run, its values.
    assert {table for table, count in file["counts"].items() if rows[table] < count} == set()
    assert rows["metrics"] > file["counts"]["metrics"] > METRIC_ROWS
    counts = {table: int(in_postgres(f'SELECT count(*) FROM "{table}"')[0]) for table in ("params", "spans", "secrets")}
    assert counts == {table: rows[table] for table in counts}
    edge = in_postgres("SELECT value FROM metrics WHERE key = 'edge' ORDER BY step")
    assert [float(value).hex() for value in edge] == file["edge"]
    assert "0x0.0000000000001p-1022" in file["edge"]
    # SQLite itself keeps the -0.0 that was written as 0.0, so there are none on either side.
    zeros = in_postgres("SELECT count(*) FROM metrics WHERE value = 0 AND value::text = '-0'")
    assert zeros == [str(file["negative_zeros"])]


def test_every_acknowledged_write_is_there_once_and_its_run_is_finished(cluster: Cluster, told: JSON) -> None:
    with (
        reach(cluster, TRACKING_URI) as reached,
        Transport(reached.url, host_header=reached.host_header) as transport,
    ):
        client = MlflowClient(transport)
        steps = [point.step for point in client.metric_history(told["run"], "tick")]
        run, ended = client.run(told["run"]), client.run(told["ended"])
    assert steps == list(range(told["acknowledged"]))
    assert run is not None
    assert run.status == "FINISHED"
    assert ended is not None
    assert ended.tags["last"] == str(told["acknowledged"] - 1)
    stored = in_postgres(f"SELECT count(*), count(DISTINCT step) FROM metrics WHERE run_uuid = '{told['run']}'")
    assert stored == [f"{told['acknowledged']}|{told['acknowledged']}"]


def test_a_run_that_a_client_changed_just_before_the_stop_is_compared_with_what_was_held_still(
    cluster: Cluster, moved: tuple[Run, JSON], told: JSON
) -> None:
    run, report = moved
    assert report["api_changed_before_the_stop"] == [f"runs: {told['ended']} differs"]
    assert report["api"]["runs"] > 1000
    assert "a write taken back" in run.words
    # The server that was started on the file again has only read it.
    assert of_the_file(cluster)["sha256"] == report["program"]["source"]["sha256"]


def test_the_report_says_how_long_mlflow_took_no_writes(moved: tuple[Run, JSON], told: JSON) -> None:
    run, report = moved
    print(
        json.dumps({"client": told, "without writes": report["seconds_without_writes"], **report["program"]["steps"]})
    )
    assert 0 < report["seconds_without_writes"] < 240
    assert told["longest_seconds"] < 300
    assert re.search(r"[\d,]{9} rows of \d\d tables have equal digests on both sides", run.words)
    assert report["program"]["peak_memory_bytes"] < 200 << 20


def test_a_second_run_of_site_changes_nothing(told: JSON) -> None:
    run = run_playbook("--diff")
    assert run.status == 0, run.output
    assert run.recap("changed") == 0, run.output


def test_the_way_back_is_closed_by_newer_writes_which_are_counted(cluster: Cluster, told: JSON) -> None:
    refused = run_playbook(name=ROLLBACK)
    assert refused.status != 0
    said = r"PostgreSQL holds [\d,]+ rows that were inserted or changed, .*?, none of which SQLite has\."
    assert re.search(said, refused.words), refused.output
    need_service(cluster, "postgresql")


def test_the_job_knows_how_large_the_volume_is(cluster: Cluster, told: JSON) -> None:
    found = cluster.request("GET", "/apis/batch/v1/namespaces/monitoring/jobs/mlflow-migration-status")
    environment = {
        each["name"]: each.get("value") for each in found["spec"]["template"]["spec"]["containers"][0]["env"]
    }
    assert environment["MIGRATION_TARGET_FREE_BYTES"] == str(20 << 30)
    assert "scheduler_leases" in environment["MIGRATION_IGNORED_TABLES"]
