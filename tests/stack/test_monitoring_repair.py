"""What the monitoring keeps over a restart, what follows a changed configuration, and what is put back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from monitoring_servers import (
    config_map,
    grafana,
    is_back,
    merge,
    nudge,
    pod_of,
    pods_of,
    prometheus,
    rules,
    stored_dashboard,
    wait_until,
)
from playbook import run_playbook

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    read_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach

MAPS = "/api/v1/namespaces/monitoring/configmaps"
PODS = "/api/v1/namespaces/monitoring/pods"
JSON = Any
UID = "tracking-training"
SECONDS = 60


def identity(cluster: Cluster, app: str) -> tuple[str, int]:
    """(uid, restarts) of an app's pod; of none while it has none."""
    for pod in pods_of(cluster, app):
        return pod["metadata"]["uid"], sum(one["restartCount"] for one in pod["status"].get("containerStatuses") or [])
    return "", 0


def ask_grafana(cluster: Cluster, method: str, path: str, body: object = None) -> int:
    """The status of a request as administrator."""
    admin = read_secret(cluster, SecretReference("monitoring", "grafana-admin"), ["username", "password"])
    headers = urllib3.make_headers(basic_auth=f"{admin['username']}:{admin['password']}")
    with reach(cluster, "http://grafana.monitoring.svc.cluster.local:3000") as reached:
        return urllib3.request(method, f"{reached.url}{path}", headers=headers, json=body, timeout=20.0).status


@pytest.fixture(scope="module")
def kept(cluster: Cluster) -> Iterator[tuple[JSON, JSON]]:
    """A moment's samples, and the folder that somebody made in Grafana; since then both pods were replaced."""
    moment = {"query": 'up{job="minio"}', "time": str(time.time() - 20)}
    with prometheus(cluster) as transport:
        samples = transport.get("/api/v1/query", moment)["data"]["result"]
    assert ask_grafana(cluster, "POST", "/api/folders", {"uid": "mine", "title": "Mine"}) in (200, 412)
    before = {app: pod_of(cluster, app)["metadata"] for app in ("prometheus", "grafana")}
    for pod in before.values():
        cluster.request("DELETE", f"{PODS}/{pod['name']}")
    for app, pod in before.items():
        wait_until(
            f"another pod of {app}", lambda app=app, pod=pod: identity(cluster, app)[0] not in ("", pod["uid"]), 120
        )
        wait_until(f"{app} is back", lambda app=app: is_back(cluster, app), 180)
    yield moment, samples
    assert ask_grafana(cluster, "DELETE", "/api/folders/mine") == 200


def test_samples_outlive_the_pod(cluster: Cluster, kept: tuple[JSON, JSON]) -> None:
    moment, samples = kept
    assert samples
    with prometheus(cluster) as transport:
        assert transport.get("/api/v1/query", moment)["data"]["result"] == samples


def test_what_people_made_in_grafana_outlives_the_pod(cluster: Cluster, kept: tuple[JSON, JSON]) -> None:
    with grafana(cluster) as transport:
        assert transport.get("/api/folders/mine")["title"] == "Mine"


def test_grafana_lets_nobody_change_what_was_provisioned(cluster: Cluster) -> None:
    before = stored_dashboard(cluster, UID)
    changed = {**before, "title": "Changed by hand"}
    assert ask_grafana(cluster, "POST", "/api/dashboards/db", {"dashboard": changed, "overwrite": True}) == 400
    assert ask_grafana(cluster, "DELETE", f"/api/dashboards/uid/{UID}") == 400
    assert stored_dashboard(cluster, UID) == before


@pytest.fixture(scope="module")
def changed_by_hand(cluster: Cluster) -> Iterator[dict[str, tuple[str, int]]]:
    """The pods as they were when a rule and a dashboard were edited in their ConfigMaps, and another was deleted."""
    before = {app: identity(cluster, app) for app in ("prometheus", "grafana")}
    rule = config_map(cluster, "prometheus-rules", "tracking.yml").replace("MLflow is slow", "Changed by hand")
    board = json.loads(config_map(cluster, "grafana-dashboards", "training.json"))
    dashboards = {"training.json": json.dumps({**board, "title": "Changed by hand"}), "minio.json": None}
    merge(cluster, f"{MAPS}/prometheus-rules", {"data": {"tracking.yml": rule}})
    merge(cluster, f"{MAPS}/grafana-dashboards", {"data": dashboards})
    hasten(cluster)
    return before


def hasten(cluster: Cluster) -> None:
    for app in ("prometheus", "grafana"):
        nudge(cluster, app)


def summary_of_rule(cluster: Cluster) -> str:
    return str(rules(cluster)["MLflowSlow"]["annotations"]["summary"])


def test_a_change_is_in_force_without_a_restart(cluster: Cluster, changed_by_hand: dict[str, tuple[str, int]]) -> None:
    wait_until("the rule changes", lambda: summary_of_rule(cluster) == "Changed by hand", SECONDS)
    wait_until("the dashboard changes", lambda: stored_dashboard(cluster, UID)["title"] == "Changed by hand", SECONDS)
    assert {app: identity(cluster, app) for app in changed_by_hand} == changed_by_hand


def test_the_next_run_puts_rules_and_dashboards_back(
    cluster: Cluster, changed_by_hand: dict[str, tuple[str, int]]
) -> None:
    run = run_playbook("-e", "prove=never")
    assert run.status == 0, run.output[-4000:]
    hasten(cluster)
    wait_until("the rule is back", lambda: summary_of_rule(cluster) == "MLflow is slow", SECONDS)
    wait_until(
        "both dashboards are back",
        lambda: (
            stored_dashboard(cluster, UID)["title"] == "Tracking: training"
            and stored_dashboard(cluster, "tracking-minio")["title"] == "Tracking: MinIO"
        ),
        SECONDS,
    )
    assert {app: identity(cluster, app) for app in changed_by_hand} == changed_by_hand
