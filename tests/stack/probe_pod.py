"""A short-lived pod that tries to connect somewhere, to see what NetworkPolicies let through."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

TRY_SECONDS = 8
START_SECONDS = 60

# A network policy engine may need seconds to learn of a new pod and refuses it until then: "no" needs patience.
# An unknown name is a fault of the test, and no answer. The answer is part of the pod's end: a log may come after it.
PROGRAM = """
import socket, sys, time
address = socket.gethostbyname(sys.argv[1]), int(sys.argv[2])
deadline = time.monotonic() + float(sys.argv[3])
while time.monotonic() < deadline:
    try:
        socket.create_connection(address, 2).close()
    except OSError:
        time.sleep(0.3)
    else:
        answer = "yes"
        break
else:
    answer = "no"
open("/dev/termination-log", "w").write(answer)
"""


def can_connect(cluster: Cluster, namespace: str, labels: Mapping[str, str], host: str, port: int) -> bool:
    """Whether a pod with these labels in this namespace gets a TCP connection to host:port."""
    pods = f"/api/v1/namespaces/{namespace}/pods"
    name = f"probe-{secrets.token_hex(4)}"
    cluster.request("POST", pods, body=_pod(name, labels, _image(cluster), [host, str(port), str(TRY_SECONDS)]))
    try:
        ended = _wait_until_ended(cluster, f"{pods}/{name}")
        answer = ended.get("message")
        log = cluster.request("GET", f"{pods}/{name}/log", is_text=True)
    finally:
        cluster.request("DELETE", f"{pods}/{name}", query={"gracePeriodSeconds": 0})
    assert answer in ("yes", "no"), f"{ended}\n{log}"
    return answer == "yes"


def _image(cluster: Cluster) -> str:
    """MLflow's image has Python, and every node has it."""
    deployment = cluster.request("GET", "/apis/apps/v1/namespaces/monitoring/deployments/mlflow")
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def _pod(name: str, labels: Mapping[str, str], image: str, arguments: list[str]) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": dict(labels)},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            # Never ready, so that a Service whose labels it carries sends nobody here.
            "readinessGates": [{"conditionType": "tracking.mlops/never"}],
            "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "probe",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["python3", "-c", PROGRAM, *arguments],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }


def _wait_until_ended(cluster: Cluster, path: str) -> dict[str, Any]:
    """How its container ended."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        pod = cluster.request("GET", path)
        if pod["status"].get("phase") in ("Succeeded", "Failed"):
            (container,) = pod["status"]["containerStatuses"]
            return dict(container["state"]["terminated"])
        assert time.monotonic() < deadline, pod["status"]
        time.sleep(0.3)
