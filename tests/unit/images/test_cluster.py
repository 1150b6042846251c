"""What role local_cluster concludes from ports, nodes, pods and a kubeconfig."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mlops.tracking.roles.local_cluster.files.cluster import daemon, kubeconfig, ports, readiness
from ansible_collections.mlops.tracking.roles.local_cluster.files.cluster.commands import ClusterError
from ansible_collections.mlops.tracking.roles.local_cluster.files.cluster.nodes import Node

STARTED = "2026-01-01T12:00:00.123456789Z"
BEFORE, AFTER = "2026-01-01T11:59:00Z", "2026-01-01T12:00:01Z"


def test_names_the_variable_and_the_port_that_is_taken() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        (problem,) = ports.problems("127.0.0.1", [port])
    assert "local_cluster_ports" in problem
    assert f"port {port} of 127.0.0.1" in problem


def test_takes_the_same_port_of_another_address_for_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert ports.problems("127.0.0.2", [listener.getsockname()[1]]) == []


def test_names_the_variable_of_an_address_that_is_not_this_machines() -> None:
    (problem,) = ports.problems("192.0.2.1", [30500])
    assert "local_cluster_listen_address" in problem


def test_tells_which_ports_an_existing_cluster_maps_otherwise() -> None:
    wanted = ports.wanted_from("30500:30500,30901:31901,30090:30090")
    assert ports.differences(wanted, {30500: 30500, 30901: 30901}) == [
        "node port 30901 is host port 30901 instead of 31901",
        "node port 30090 is not mapped instead of 30090",
    ]


def node(heartbeat: str, ready: str = "True") -> dict[str, Any]:
    condition = {"type": "Ready", "status": ready, "lastHeartbeatTime": heartbeat}
    return {"kind": "Node", "metadata": {"name": "n"}, "status": {"conditions": [condition]}}


def pod(started: str, namespace: str = "kube-system", ready: str = "True") -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": f"pod-of-{namespace}", "namespace": namespace},
        "spec": {"nodeName": "n"},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [{"state": {"running": {"startedAt": started}}}],
        },
    }


PROVISIONER = pod(AFTER, "local-path-storage")
CLASS = {"kind": "StorageClass", "metadata": {"name": "standard"}}


@pytest.mark.parametrize(
    ("objects", "missing"),
    [
        ([node(AFTER), pod(AFTER), PROVISIONER, CLASS], []),
        ([node(BEFORE), pod(AFTER), PROVISIONER, CLASS], ["node n is not Ready"]),
        ([node(AFTER, "False"), pod(AFTER), PROVISIONER, CLASS], ["node n is not Ready"]),
        ([node(AFTER), pod(BEFORE), PROVISIONER, CLASS], ["pod pod-of-kube-system is not ready"]),
        ([node(AFTER), pod(AFTER, ready="False"), PROVISIONER, CLASS], ["pod pod-of-kube-system is not ready"]),
        ([node(AFTER), pod(BEFORE, "users"), PROVISIONER, CLASS], []),
        ([node(AFTER), pod(AFTER), CLASS], ["nothing provides volumes"]),
        ([node(AFTER), pod(AFTER), PROVISIONER], ["there is no StorageClass"]),
    ],
)
def test_believes_only_what_was_seen_since_the_node_started(objects: list[dict[str, Any]], missing: list[str]) -> None:
    assert list(readiness.missing_in(objects, {"n": STARTED})) == missing


def kubeconfig_for(port: int) -> str:
    return f"""
clusters: [{{name: kind-c, cluster: {{server: "https://127.0.0.1:{port}"}}}}]
contexts: [{{name: kind-c, context: {{cluster: kind-c, user: kind-c}}}}]
users: [{{name: kind-c, user: {{}}}}]
"""


@pytest.mark.parametrize(
    ("text", "reached"), [(kubeconfig_for(7000), True), (kubeconfig_for(7001), False), ("", False)]
)
def test_knows_whether_a_kubeconfig_reaches_the_cluster(text: str, reached: bool, tmp_path: Path) -> None:
    plane = Node("c", "control-plane", "image", True, STARTED, {6443: 7000}, {6443: "127.0.0.1"})
    path = tmp_path / "config"
    assert kubeconfig.reaches("c", plane, str(path)) is False
    path.write_text(text)
    assert kubeconfig.reaches("c", plane, str(path)) is reached


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        ("Name:\tdockerd\nState:\tS (sleeping)\n", True),
        ("Name:\tdockerd\nState:\tZ (zombie)\n", False),
        ("Name:\tsleep\nState:\tS (sleeping)\n", False),
        (None, False),
    ],
)
def test_forgets_a_daemon_that_was_killed_and_no_living_one(status: str | None, kept: bool, tmp_path: Path) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text("4711\n")
    if status is not None:
        (tmp_path / "4711").mkdir()
        (tmp_path / "4711" / "status").write_text(status)
    daemon.forget_dead(pid_file, "dockerd", tmp_path)
    assert pid_file.exists() is kept


def test_says_at_once_when_the_daemon_that_was_started_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such/socket")
    with pytest.raises(ClusterError, match="dockerd ended at once"):
        daemon.wait(60, subprocess.Popen(["/bin/true"]))
