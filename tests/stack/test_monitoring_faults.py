"""Faults made for real: the alert of each fires, somebody is told, and both end with the fault.

All faults are made at once, as each takes its time to be seen. MLflow and MinIO are stopped last, for some of them
need these, and as nobody is told of slow answers while it is known that a server is down.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from monitoring_alerts import need_told_and_ended, wait_for
from monitoring_expected import NOT_SEEN_WHEN_ALL_IS_WELL, SHOWN_ON_SQLITE, metrics_of, panels_of
from monitoring_faults import (
    broken_rules,
    failing_job,
    full_volume,
    hammer,
    lock_database,
    pod_that_is_killed,
    pod_that_restarts,
    scale,
    stuck_run,
)
from monitoring_servers import Told, firing, is_back, names_of_metrics, receiver, rules, wait_until

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

LASTING = [failing_job, pod_that_is_killed, pod_that_restarts, full_volume, stuck_run, broken_rules]
PASSING = {"MinIORejectedAuth", "MLflowApiBroken", "MLflowErrors", "MLflowSlow"}
ALERTS_OF_LASTING = {
    "TrainingJobFailed",
    "ContainerOutOfMemory",
    "ContainerRestarting",
    "VolumeSpaceLow",
    "RunStuck",
    "ConfigurationRefused",
}
ALERTS_OF_STOPPED = {"MLflowDown", "MinIODown"}
STOPPED = ["monitoring/deployments/mlflow", "storage/statefulsets/minio"]
ALERTS = sorted(PASSING | ALERTS_OF_LASTING | ALERTS_OF_STOPPED)


@pytest.fixture(scope="module")
def told(cluster: Cluster) -> Iterator[Told]:
    with receiver(cluster) as told:
        yield told


@pytest.fixture(scope="module")
def fired(cluster: Cluster, told: Told) -> set[str]:
    """The alerts that fired while the faults were there; the faults are gone."""
    wait_until("no fault of an earlier test is seen", lambda: firing(cluster).isdisjoint(ALERTS), 180)
    began = time.time()
    with contextlib.ExitStack() as faults:
        for fault in LASTING:
            faults.enter_context(fault(cluster))
        # While it reads its rules, Prometheus knows no Alertmanager for some seconds. What it cannot tell then it tells
        # again a minute later, when what passes has passed.
        wait_for(cluster, {"ConfigurationRefused"}, began, 180)
        hammer(cluster)
        lock_database(cluster)
        wait_for(cluster, PASSING | ALERTS_OF_LASTING, began, 240)
        wait_until("what passes has passed", lambda: not firing(cluster) & PASSING, 180)
    wait_until("the rules are read again", lambda: "ConfigurationRefused" not in firing(cluster), 180)
    try:
        for workload in STOPPED:
            scale(cluster, workload, 0)
        seen = wait_for(cluster, ALERTS_OF_STOPPED, began, 60)
    finally:
        for workload in STOPPED:
            scale(cluster, workload, 1)
    wait_until("MinIO is back", lambda: is_back(cluster, "minio", "storage"), 120)
    wait_until("MLflow is back", lambda: is_back(cluster, "mlflow"), 240)
    return seen


@pytest.mark.parametrize("name", ALERTS)
def test_fires_tells_somebody_and_ends(cluster: Cluster, told: Told, fired: set[str], name: str) -> None:
    assert name in fired
    need_told_and_ended(cluster, told, name)


def test_every_metric_that_is_asked_for_by_name_exists(cluster: Cluster, fired: set[str]) -> None:
    """A panel that says 0 where there is nothing would hide a name that is wrong."""
    asked = [rule["query"] for rule in rules(cluster).values()]
    asked += [query for panel in panels_of(*SHOWN_ON_SQLITE) for query in panel.queries.values()]
    named = set().union(*(metrics_of(query) for query in asked))
    assert named - names_of_metrics(cluster) - NOT_SEEN_WHEN_ALL_IS_WELL == {"pg_up"}
