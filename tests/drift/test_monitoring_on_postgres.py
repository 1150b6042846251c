"""The monitoring where MLflow is on PostgreSQL: its numbers come from there, by a user who may read no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from monitoring_expected import (
    ALERTS,
    ALERTS_OF_DRIFT,
    ALERTS_OF_POSTGRES,
    DASHBOARDS,
    JOBS,
    NOT_SEEN_WHEN_ALL_IS_WELL,
    metrics_of,
    panels_of,
    put_load,
)
from monitoring_faults import mlflow, run_in
from monitoring_servers import grafana, names_of_metrics, prometheus, rules, wait_until
from monitoring_shown import need_dashboard, need_data, need_measured
from playbook import run_playbook

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import Panel
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.grafana import Grafana
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.prometheus import Prometheus, faults

# SQLite's own, and what appears after faults only, which tests/stack makes.
NOT_ON_POSTGRES = {"mlflow_database_readable", "kube_pod_container_status_last_terminated_reason"}
NOT_ON_POSTGRES |= {"kube_pod_container_status_terminated_reason", "kube_job_failed"}
# MinIO says nothing of a bucket that is empty.
NOT_ON_POSTGRES |= {
    f"minio_cluster_usage_buckets_{each}" for each in ("objects_count", "total_bytes", "versions_count")
}


@pytest.fixture(scope="module", autouse=True)
def load(cluster: Cluster) -> None:
    """On a stack that is as described again, whatever was done to it before."""
    done = run_playbook("-e", "prove=never")
    assert done.status == 0, done.output
    put_load(cluster)


@pytest.fixture(scope="module")
def console(cluster: Cluster) -> Iterator[Grafana]:
    with grafana(cluster) as transport:
        yield Grafana(transport)


def test_every_target_is_up_and_every_rule_healthy(cluster: Cluster) -> None:
    jobs, alerts = [*JOBS, "postgres"], [*ALERTS, *ALERTS_OF_POSTGRES, *ALERTS_OF_DRIFT]
    with prometheus(cluster) as transport:
        server = Prometheus(transport)
        wait_until("every target up", lambda: not faults(server.observe({}), jobs, alerts), 120)
    assert sorted(rules(cluster)) == sorted(alerts)


@pytest.mark.parametrize("name", [*ALERTS, *ALERTS_OF_POSTGRES, *ALERTS_OF_DRIFT])
def test_every_alert_measures_something_when_all_is_well(cluster: Cluster, name: str) -> None:
    need_measured(cluster, name)


@pytest.mark.parametrize("panel", panels_of(*DASHBOARDS), ids=str)
def test_every_panel_has_data(console: Grafana, panel: Panel) -> None:
    need_data(console, panel)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_shows_the_dashboards_of_this_repository(console: Grafana, name: str) -> None:
    need_dashboard(console, name)


def test_every_metric_that_is_asked_for_by_name_exists(cluster: Cluster) -> None:
    asked = [rule["query"] for rule in rules(cluster).values()]
    asked += [query for panel in panels_of(*DASHBOARDS) for query in panel.queries.values()]
    named = set().union(*(metrics_of(query) for query in asked))
    assert named - names_of_metrics(cluster) - NOT_SEEN_WHEN_ALL_IS_WELL - NOT_ON_POSTGRES == set()


def value_of(cluster: Cluster, query: str) -> float:
    with prometheus(cluster) as transport:
        (found,) = transport.get("/api/v1/query", {"query": query})["data"]["result"]
    return float(found["value"][1])


def test_counts_what_mlflow_holds(cluster: Cluster) -> None:
    with mlflow(cluster) as server:
        experiments = len(list(MlflowClient(server).experiments()))
        models = server.get("registered-models/search", max_results=1000).get("registered_models", [])
    wait_until(
        "experiments are counted", lambda: value_of(cluster, 'mlflow_experiments{stage="active"}') == experiments, 60
    )
    assert value_of(cluster, "mlflow_registered_models") == len(models)
    assert value_of(cluster, "mlflow_database_size_bytes") > 1 << 20
    assert value_of(cluster, "mlflow_metric_rows") >= 0
    assert value_of(cluster, "sum(mlflow_schema_info)") == 1
    assert value_of(cluster, "count(mlflow_runs)") == 5


@pytest.mark.parametrize(
    ("query", "is_allowed"),
    [
        ("SELECT count(*) FROM metrics", True),
        ("SELECT status FROM runs", True),
        ("SELECT name FROM experiments", False),
        ("SELECT value FROM params", False),
        ("SELECT * FROM metrics", False),
        ("DELETE FROM runs", False),
        ("CREATE TABLE mine (a int)", False),
    ],
)
def test_who_measures_reads_what_is_counted_and_no_more(cluster: Cluster, query: str, is_allowed: bool) -> None:
    program = f"SET ROLE postgres_exporter; {query}"
    said = run_in(cluster, "postgres", "psql", "-X", "-q", "-d", "mlflow", "-c", program)
    assert ("permission denied" in said or "read-only" in said) is not is_allowed, said
