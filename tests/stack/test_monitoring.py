"""The bundled monitoring on the running stack: it sees everything, every panel has data, and it is confined."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3
from monitoring_expected import ALERTS, JOBS, SHOWN_ON_SQLITE, panels_of, put_load
from monitoring_servers import grafana, is_ready, pod_of, prometheus, rules, wait_until
from monitoring_shown import need_dashboard, need_data, need_measured
from probe_pod import can_connect

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import Panel
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.grafana import Grafana
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.prometheus import Prometheus, faults

SIX_GIBIBYTES = 6 << 30


@pytest.fixture(scope="module", autouse=True)
def load(cluster: Cluster) -> None:
    put_load(cluster)


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
    need_measured(cluster, name)


@pytest.mark.parametrize("panel", panels_of(*SHOWN_ON_SQLITE), ids=str)
def test_every_panel_has_data(console: Grafana, panel: Panel) -> None:
    need_data(console, panel)


@pytest.mark.parametrize("name", SHOWN_ON_SQLITE)
def test_shows_the_dashboards_of_this_repository(console: Grafana, name: str) -> None:
    need_dashboard(console, name)


def test_the_datasource_works(console: Grafana) -> None:
    assert console.fault_of_datasource("prometheus") == ""


@pytest.mark.parametrize("port", [30090, 30030])
def test_answers_this_machine_through_its_node_port(cluster: Cluster, port: int) -> None:
    (node, *_) = cluster.request("GET", "/api/v1/nodes")["items"]
    (address,) = (one["address"] for one in node["status"]["addresses"] if one["type"] == "InternalIP")
    path = {30090: "/-/ready", 30030: "/api/health"}[port]
    assert urllib3.request("GET", f"http://{address}:{port}{path}", timeout=10.0).status == 200


def test_lets_training_jobs_push_and_no_other_pod_in_anywhere(cluster: Cluster) -> None:
    ports = {"prometheus": 9090, "alertmanager": 9093, "grafana": 3000, "kube-state-metrics": 8080, "pushgateway": 9091}
    places = [("default", server) for server in ports] + [("training", "pushgateway")]

    def is_let_in(place: tuple[str, str]) -> bool:
        namespace, server = place
        address = f"{server}.monitoring.svc.cluster.local"
        return can_connect(cluster, namespace, {"app": "probe"}, address, ports[server])

    with ThreadPoolExecutor(len(places)) as pool:
        let_in = dict(zip(places, pool.map(is_let_in, places), strict=True))
    assert [place for place in places if let_in[place]] == [("training", "pushgateway")]


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


def test_everything_together_fits_into_six_gibibytes(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    query = 'sum by (namespace, container) (container_memory_working_set_bytes{container!=""})'
    with prometheus(cluster) as transport:
        found = transport.get("/api/v1/query", {"query": query})["data"]["result"]
    used = {f"{one['metric']['namespace']} {one['metric']['container']}": int(one["value"][1]) for one in found}
    lines = [f"{size >> 20:8} MiB  {name}" for name, size in sorted(used.items(), key=lambda item: -item[1])]
    with capsys.disabled():
        print("", *lines, f"{sum(used.values()) >> 20:8} MiB  together", sep="\n")
    assert {"monitoring prometheus", "monitoring grafana", "monitoring mlflow", "storage minio"} <= used.keys()
    assert sum(used.values()) < SIX_GIBIBYTES
