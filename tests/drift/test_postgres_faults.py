"""PostgreSQL's faults made for real: the alert of each fires, somebody is told, and both end with the fault."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from monitoring_alerts import need_told_and_ended, wait_for
from monitoring_faults import run_in, scale
from monitoring_servers import Told, firing, is_back, receiver, wait_until

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

POSTGRES = "monitoring/statefulsets/postgres"
# As many as there are, as an application does that gives none back; who measures has some of its own.
TAKE_CONNECTIONS = """
import psycopg2, time
held = []
try:
    while True:
        held.append(psycopg2.connect(""))
except psycopg2.OperationalError as error:
    print(len(held), error)
time.sleep(40)
"""
ALERTS = ["PostgreSQLConnectionsHigh", "PostgreSQLDown", "MLflowApiBroken"]


@pytest.fixture(scope="module")
def told(cluster: Cluster) -> Iterator[Told]:
    with receiver(cluster) as told:
        yield told


@pytest.fixture(scope="module")
def fired(cluster: Cluster, told: Told) -> set[str]:
    """The alerts that fired while the faults were there; the faults are gone."""
    began = time.time()
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(run_in, cluster, "mlflow", "python", "-c", TAKE_CONNECTIONS)
        seen = wait_for(cluster, {"PostgreSQLConnectionsHigh"}, began, 60)
        # It gets its numbers when there is no connection left for anybody else.
        assert "PostgreSQLDown" not in seen
        assert "connection" in taken.result()
    wait_until("connections are given back", lambda: "PostgreSQLConnectionsHigh" not in firing(cluster), 120)
    try:
        scale(cluster, POSTGRES, 0)
        seen = wait_for(cluster, {"PostgreSQLDown", "MLflowApiBroken"}, began, 120)
    finally:
        scale(cluster, POSTGRES, 1)
    # What measures survives that there is nothing to measure.
    assert "ContainerOutOfMemory" not in seen
    wait_until("PostgreSQL is back", lambda: is_back(cluster, "postgres"), 120)
    wait_until("MLflow is back", lambda: is_back(cluster, "mlflow"), 240)
    return seen


@pytest.mark.parametrize("name", ALERTS)
def test_fires_tells_somebody_and_ends(cluster: Cluster, told: Told, fired: set[str], name: str) -> None:
    assert name in fired
    need_told_and_ended(cluster, told, name)
