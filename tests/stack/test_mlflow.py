"""The MLflow server on the running stack: what it loses, whom it answers, and how it is confined."""

from __future__ import annotations

import time
from typing import Any

import pytest
import urllib3
from conftest import TRACKING_URI
from kubernetes.client import CoreV1Api
from kubernetes.config import new_client_from_config
from kubernetes.stream import stream
from probe_pod import can_connect

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.evidence import Expected, find_run, kept_files
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import MlflowError, Transport

DEPLOYMENT = "/apis/apps/v1/namespaces/monitoring/deployments/mlflow"
PODS = "/api/v1/namespaces/monitoring/pods"
SERVER = "mlflow.monitoring.svc.cluster.local"
NAMES = [
    "mlflow",
    "mlflow:5000",
    "mlflow.monitoring",
    "mlflow.monitoring.svc:5000",
    f"{SERVER}:5000",
    "localhost:30500",
    "127.0.0.1",
]


def pod_template(cluster: Cluster) -> dict[str, Any]:
    template: dict[str, Any] = cluster.request("GET", DEPLOYMENT)["spec"]["template"]["spec"]
    return template


def what_there_is(cluster: Cluster) -> dict[str, Any]:
    """Every experiment, and all of the last proof down to the digests of its files."""
    with (
        reach(cluster, TRACKING_URI) as reached,
        Transport(reached.url, host_header=reached.host_header) as transport,
    ):
        client = MlflowClient(transport)
        run = find_run(client, None, "training-proof")
        return {
            "experiments": list(client.experiments()),
            "run": run,
            "histories": {name: client.metric_history(run.run_id, name) for name in run.metrics},
            "files": {file.path: file.digest() for file in kept_files(client, run)},
        }


def restart(cluster: Cluster) -> None:
    """Deletes the pod, and waits until another one is ready."""
    before = {pod["metadata"]["uid"] for pod in server_pods(cluster)}
    for pod in server_pods(cluster):
        cluster.request("DELETE", f"{PODS}/{pod['metadata']['name']}")
    deadline = time.monotonic() + 240
    while True:
        ready = [pod for pod in server_pods(cluster) if is_ready(pod) and pod["metadata"]["uid"] not in before]
        if ready:
            return
        assert time.monotonic() < deadline, "no new pod became ready"
        time.sleep(0.5)


def server_pods(cluster: Cluster) -> list[dict[str, Any]]:
    pods: list[dict[str, Any]] = cluster.request("GET", PODS, query={"labelSelector": "app=mlflow"})["items"]
    return pods


def server_can_connect(cluster: Cluster, host: str, port: int) -> bool:
    """Asked in the server's own pod: a new pod may be free for the seconds in which its policy is not yet in force."""
    program = "import socket, sys; socket.create_connection((socket.gethostbyname(sys.argv[1]), int(sys.argv[2])), 3)"
    (pod,) = (pod["metadata"]["name"] for pod in server_pods(cluster) if is_ready(pod))
    api = CoreV1Api(new_client_from_config(cluster.kubeconfig, cluster.context))  # type: ignore[no-untyped-call]
    command = ["python", "-c", f"{program}; print('connected')", host, str(port)]
    call = api.connect_get_namespaced_pod_exec
    said = stream(call, pod, "monitoring", container="mlflow", command=command, stdout=True, stderr=True)
    assert said.strip() == "connected" or "ConnectionRefusedError" in said or "TimeoutError" in said, said
    return str(said).strip() == "connected"


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def test_a_restart_of_the_pod_loses_nothing(cluster: Cluster) -> None:
    before = what_there_is(cluster)
    assert len(before["files"]) >= 10
    restart(cluster)
    assert what_there_is(cluster) == before


@pytest.mark.parametrize("name", NAMES)
def test_answers_by_every_name_of_its_own(cluster: Cluster, name: str) -> None:
    with reach(cluster, TRACKING_URI) as reached, Transport(reached.url, host_header=name) as transport:
        assert list(MlflowClient(transport).experiments())


@pytest.mark.parametrize("name", ["evil.example", "evil.example:5000", "mlflow.evil.example", f"{SERVER}.evil.example"])
def test_refuses_a_foreign_host_header(cluster: Cluster, name: str) -> None:
    with (
        reach(cluster, TRACKING_URI) as reached,
        Transport(reached.url, host_header=name) as transport,
        pytest.raises(MlflowError) as caught,
    ):
        list(MlflowClient(transport).experiments())
    assert caught.value.status == 403


def test_answers_this_machine_through_the_node_port(cluster: Cluster) -> None:
    (node, *_) = cluster.request("GET", "/api/v1/nodes")["items"]
    (address,) = (one["address"] for one in node["status"]["addresses"] if one["type"] == "InternalIP")
    with Transport(f"http://{address}:30500", host_header="localhost:30500") as transport:
        assert list(MlflowClient(transport).experiments())


def test_refuses_what_a_foreign_page_would_write(cluster: Cluster) -> None:
    with reach(cluster, TRACKING_URI) as reached:
        answer = urllib3.request(
            "POST",
            f"{reached.url}/api/2.0/mlflow/experiments/create",
            json={"name": "from elsewhere"},
            headers={"Origin": "https://evil.example"},
        )
    assert answer.status == 403


def test_gives_metrics_to_a_scraper(cluster: Cluster) -> None:
    with reach(cluster, TRACKING_URI) as reached, Transport(reached.url) as transport:
        assert "mlflow_http_request_total" in transport.text("/metrics")


@pytest.mark.parametrize(
    ("namespace", "is_let_in"), [("training", True), ("monitoring", True), ("storage", False), ("default", False)]
)
def test_lets_in_the_namespaces_that_need_it(cluster: Cluster, namespace: str, is_let_in: bool) -> None:
    assert can_connect(cluster, namespace, {"app": "probe"}, SERVER, 5000) is is_let_in


@pytest.mark.parametrize(
    ("host", "port", "is_let_out"),
    [
        ("minio.storage.svc.cluster.local", 9000, True),
        ("kube-dns.kube-system.svc.cluster.local", 53, True),
        ("kube-dns.kube-system.svc.cluster.local", 9153, False),
        ("kubernetes.default.svc.cluster.local", 443, False),
    ],
)
def test_calls_the_storage_and_dns_and_nobody_else(cluster: Cluster, host: str, port: int, is_let_out: bool) -> None:
    assert server_can_connect(cluster, host, port) is is_let_out


def test_runs_confined(cluster: Cluster) -> None:
    pod = pod_template(cluster)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert [container["name"] for container in pod["containers"]] == ["mlflow", "exporter"]
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("namespace", ["storage", "monitoring", "training"])
def test_pod_security_is_enforced_on(cluster: Cluster, namespace: str) -> None:
    labels = cluster.request("GET", f"/api/v1/namespaces/{namespace}")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_memory_follows_from_the_workers(cluster: Cluster) -> None:
    container, _exporter = pod_template(cluster)["containers"]
    (workers,) = (int(part.split("=")[1]) for part in container["command"] if part.startswith("--workers="))
    assert container["resources"]["limits"]["memory"] == f"{384 + 384 * workers}Mi"


def test_a_guard_of_the_same_image_looks_at_the_database_first(cluster: Cluster) -> None:
    pod = pod_template(cluster)
    (guard,) = pod["initContainers"]
    assert guard["image"] == pod["containers"][0]["image"]
    assert guard["command"][-1] == "--guard"


def test_the_last_proof_is_complete(mlflow: MlflowClient) -> None:
    run = find_run(mlflow, None, "training-proof")
    assert run.status == Expected().status
    assert all(file.size > 0 for file in kept_files(mlflow, run))
