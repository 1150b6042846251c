"""The bundled monitoring on the running stack: it sees everything, every panel has data, and it is confined."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from conftest import STORAGE_ENDPOINT, TRACKING_URI
from monitoring_servers import grafana, is_ready, measure_of, pod_of, prometheus, rules, wait_until
from probe_pod import can_connect

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport as MlflowTransport
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import Panel, differing, panels
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.grafana import Grafana, faults_of_answers
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.prometheus import Prometheus, faults
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, Storage

FILES = Path(__file__).parents[2] / "roles/monitoring/files/dashboards"
# PostgreSQL's is shown where MLflow is on it.
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(FILES.iterdir()) if path.stem != "postgresql"}
PANELS = [panel for dashboard in DASHBOARDS.values() for panel in panels(dashboard)]
ALERTS = [
    "MLflowDown",
    "MLflowApiBroken",
    "MLflowErrors",
    "MLflowSlow",
    "RunStuck",
    "MinIODown",
    "MinIODriveOffline",
    "MinIOSpaceLow",
    "MinIORejectedAuth",
    "VolumeSpaceLow",
    "VolumeFullSoon",
    "ContainerRestarting",
    "ContainerOutOfMemory",
    "TrainingJobFailed",
    "TargetDown",
    "ConfigurationRefused",
]
JOBS = ["mlflow", "mlflow-exporter", "minio", "pushgateway", "prometheus", "alertmanager", "grafana"]
JOBS += ["kube-state-metrics", "kubelet", "cadvisor"]
SIX_GIBIBYTES = 6 << 30


@pytest.fixture(scope="module", autouse=True)
def load(cluster: Cluster) -> None:
    """What a stack does in a minute: questions to MLflow's API, and S3 requests with good and with bad keys."""
    with reach(cluster, TRACKING_URI) as reached, MlflowTransport(reached.url, host_header=reached.host_header) as to:
        client = MlflowClient(to)
        for _ in range(60):
            list(client.experiments())
            client.experiment("no such experiment")
    with reach(cluster, STORAGE_ENDPOINT) as reached:
        stranger = Storage(reached.url, Keys("nobody", "not-a-password", "the test"))
        for _ in range(5):
            with pytest.raises(Exception, match=r"Access Key|InvalidAccessKeyId|does not exist"):
                stranger.s3.list_buckets()
    time.sleep(20)


@pytest.fixture(scope="module")
def console(cluster: Cluster) -> Iterator[Grafana]:
    with grafana(cluster) as transport:
        yield Grafana(transport)


def test_every_target_is_up_and_every_rule_healthy(cluster: Cluster) -> None:
    with prometheus(cluster) as transport:
        server = Prometheus(transport)

        def is_well() -> bool:
            return not faults(server.observe({}), JOBS, ALERTS)

        wait_until("every target up", is_well, 120)
        assert faults(server.observe({}), JOBS, ALERTS) == []


def test_knows_all_alerts_and_no_other(cluster: Cluster) -> None:
    assert sorted(rules(cluster)) == sorted(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_measures_something_when_all_is_well(cluster: Cluster, name: str) -> None:
    measure = measure_of(rules(cluster)[name])
    with prometheus(cluster) as transport:
        assert wait_until(f"{name} measures something", lambda: Prometheus(transport).samples(measure), 60), measure


@pytest.mark.parametrize("panel", PANELS, ids=str)
def test_every_panel_has_data(console: Grafana, panel: Panel) -> None:
    wait_until(
        f"{panel} has data",
        lambda: not list(faults_of_answers(panel, console.frames(panel, "prometheus", 900))),
        60,
    )


@pytest.mark.parametrize("name", DASHBOARDS)
def test_shows_the_dashboards_of_this_repository(console: Grafana, name: str) -> None:
    stored = console.dashboard(DASHBOARDS[name]["uid"])
    assert stored is not None
    # The address of MLflow is the cluster's.
    assert differing(DASHBOARDS[name], stored) == ["links"]


def test_the_datasource_works(console: Grafana) -> None:
    assert console.fault_of_datasource("prometheus") == ""


@pytest.mark.parametrize("port", [30090, 30030])
def test_answers_this_machine_through_its_node_port(cluster: Cluster, port: int) -> None:
    (node, *_) = cluster.request("GET", "/api/v1/nodes")["items"]
    (address,) = (one["address"] for one in node["status"]["addresses"] if one["type"] == "InternalIP")
    path = {30090: "/-/ready", 30030: "/api/health"}[port]
    assert urllib3.request("GET", f"http://{address}:{port}{path}", timeout=10.0).status == 200


@pytest.mark.parametrize(
    ("server", "port"), [("prometheus", 9090), ("alertmanager", 9093), ("grafana", 3000), ("kube-state-metrics", 8080)]
)
def test_lets_in_no_other_pod(cluster: Cluster, server: str, port: int) -> None:
    assert can_connect(cluster, "default", {"app": "probe"}, f"{server}.monitoring.svc.cluster.local", port) is False


def test_lets_training_jobs_push(cluster: Cluster) -> None:
    assert can_connect(cluster, "training", {"app": "probe"}, "pushgateway.monitoring.svc.cluster.local", 9091) is True


@pytest.mark.parametrize("app", ["prometheus", "alertmanager", "grafana", "kube-state-metrics", "pushgateway"])
def test_runs_confined(cluster: Cluster, app: str) -> None:
    pod = pod_of(cluster, app)
    assert is_ready(pod)
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    for container in pod["spec"]["containers"]:
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_prometheus_may_read_no_secret(cluster: Cluster) -> None:
    for resource, expected in (("secrets", False), ("pods", True)):
        review: Any = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": "system:serviceaccount:monitoring:prometheus",
                "resourceAttributes": {"namespace": "monitoring", "verb": "list", "resource": resource},
            },
        }
        said = cluster.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body=review)
        assert said["status"]["allowed"] is expected


def test_everything_together_fits_into_six_gibibytes(cluster: Cluster) -> None:
    query = 'sum by (namespace, container) (container_memory_working_set_bytes{container!=""})'
    with prometheus(cluster) as transport:
        found = transport.get("/api/v1/query", {"query": query})["data"]["result"]
    used = {f"{one['metric']['namespace']} {one['metric']['container']}": int(one["value"][1]) for one in found}
    for name, size in sorted(used.items(), key=lambda item: -item[1]):
        print(f"{size / (1 << 20):8.0f} MiB  {name}")
    print(f"{sum(used.values()) / (1 << 20):8.0f} MiB  together")
    assert {"monitoring prometheus", "monitoring grafana", "monitoring mlflow", "storage minio"} <= used.keys()
    assert sum(used.values()) < SIX_GIBIBYTES
