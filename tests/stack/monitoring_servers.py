"""Prometheus and Grafana of the running stack, reached through tunnels, and a receiver of notifications."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from user_job import image_of_mlflow

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    read_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import ServerError, Transport

JSON = Any

INSIDE = "monitoring.svc.cluster.local"
PODS = "/api/v1/namespaces/monitoring/pods"
Told = Callable[[], set[tuple[str, str]]]
RECEIVER = "alert-receiver"
# Keeps what Alertmanager posts, and gives it to whoever asks.
RECEIVE = """
import http.server, json
told = []
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        told.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"])
        self.send_response(200); self.end_headers()
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(json.dumps(told).encode())
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


@contextlib.contextmanager
def prometheus(cluster: Cluster) -> Iterator[Transport]:
    with (
        reach(cluster, f"http://prometheus.{INSIDE}:9090") as reached,
        Transport(reached.url, "Prometheus") as transport,
    ):
        yield transport


@contextlib.contextmanager
def grafana(cluster: Cluster) -> Iterator[Transport]:
    """As the administrator whose password is in the Secret."""
    admin = read_secret(cluster, SecretReference("monitoring", "grafana-admin"), ["username", "password"])
    with (
        reach(cluster, f"http://grafana.{INSIDE}:3000") as reached,
        Transport(reached.url, "Grafana", user=admin["username"], password=admin["password"]) as transport,
    ):
        yield transport


def rules(cluster: Cluster) -> dict[str, JSON]:
    """Every alert by its name, as Prometheus says it."""
    with prometheus(cluster) as transport:
        groups = transport.get("/api/v1/rules")["data"]["groups"]
    return {rule["name"]: rule for group in groups for rule in group["rules"]}


def measure_of(rule: JSON) -> str:
    """What an alert measures: its expression without the comparison at its end."""
    return re.sub(r"\s[<>]=?\s[-+.\de]+$", "", rule["query"])


def names_of_metrics(cluster: Cluster) -> set[str]:
    """Of all that was scraped within the last hour."""
    with prometheus(cluster) as transport:
        return set(transport.get("/api/v1/label/__name__/values", {"start": f"{time.time() - 3600:.0f}"})["data"])


def firing(cluster: Cluster) -> set[str]:
    return {name for name, rule in rules(cluster).items() if rule["state"] == "firing"}


def fired_since(cluster: Cluster, began: float) -> set[str]:
    """Every alert that fired at some time since then (seconds since the epoch), be it for one evaluation."""
    firing_then = f'max by (alertname) (max_over_time(ALERTS{{alertstate="firing"}}[{int(time.time() - began) + 1}s]))'
    with prometheus(cluster) as transport:
        found = transport.get("/api/v1/query", {"query": firing_then})["data"]["result"]
    return {each["metric"]["alertname"] for each in found}


def wait_until(what: str | Callable[[], str], holds: Callable[[], Any], seconds: float = 150) -> Any:
    """What `holds` answers with as soon as that is something; a server that is away is asked again.

    what: the words for it, or what gives them at the end.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := holds():
                return found
        except ServerError:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, (
            f"after {seconds:g} s still not: {what if isinstance(what, str) else what()}"
        )
        time.sleep(2)


def pods_of(cluster: Cluster, app: str, namespace: str = "monitoring") -> list[JSON]:
    """Those with this label that are not on their way out."""
    pods = f"/api/v1/namespaces/{namespace}/pods"
    found = cluster.request("GET", pods, query={"labelSelector": f"app={app}"})["items"]
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def pod_of(cluster: Cluster, app: str, namespace: str = "monitoring") -> JSON:
    """The one pod of an app."""
    (pod,) = pods_of(cluster, app, namespace)
    return pod


def is_back(cluster: Cluster, app: str, namespace: str = "monitoring") -> bool:
    """Whether there is a pod of this app, and all of them are ready."""
    found = pods_of(cluster, app, namespace)
    return bool(found) and all(is_ready(pod) for pod in found)


def nudge(cluster: Cluster, app: str) -> None:
    """A pod that is touched gets changed ConfigMaps at once; else the kubelet takes up to a minute and a half."""
    name = pod_of(cluster, app)["metadata"]["name"]
    merge(cluster, f"{PODS}/{name}", {"metadata": {"annotations": {"test/touched": str(time.time())}}})


def is_ready(pod: JSON) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions") or [])


@contextlib.contextmanager
def receiver(cluster: Cluster) -> Iterator[Told]:
    """The contact point of the scenario; gives what it was told so far as pairs of alert and status."""
    services = "/api/v1/namespaces/monitoring/services"
    container = {
        "name": RECEIVER,
        "image": image_of_mlflow(cluster),
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-c", RECEIVE],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    security = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"containers": [container], "securityContext": security, "terminationGracePeriodSeconds": 0}
    ports = [{"name": "http", "port": 8080, "targetPort": "http"}]
    metadata = {"name": RECEIVER, "labels": {"app": RECEIVER}}
    cluster.request(
        "POST", services, body={"metadata": metadata, "spec": {"selector": {"app": RECEIVER}, "ports": ports}}
    )
    cluster.request("POST", PODS, body={"metadata": metadata, "spec": spec})
    try:
        wait_until("the receiver is ready", lambda: is_ready(pod_of(cluster, RECEIVER)), 60)
        with (
            reach(cluster, f"http://{RECEIVER}.{INSIDE}:8080") as reached,
            Transport(reached.url, "the receiver") as told,
        ):
            yield lambda: {(one["labels"]["alertname"], one["status"]) for one in told.get("/")}
    finally:
        cluster.request("DELETE", f"{PODS}/{RECEIVER}", query={"gracePeriodSeconds": 0})
        cluster.request("DELETE", f"{services}/{RECEIVER}")


def merge(cluster: Cluster, path: str, patch: JSON) -> None:
    """As somebody does by kubectl edit."""
    by = {"fieldManager": "kubectl-edit"}
    cluster.request("PATCH", path, query=by, body=patch, content_type="application/merge-patch+json")


def config_map(cluster: Cluster, name: str, key: str) -> str:
    return str(cluster.request("GET", f"/api/v1/namespaces/monitoring/configmaps/{name}")["data"][key])


def stored_dashboard(cluster: Cluster, uid: str) -> JSON:
    with grafana(cluster) as transport:
        return transport.get(f"/api/dashboards/uid/{uid}")["dashboard"]
