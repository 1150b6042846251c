"""From a Service's address to one of its ready pods and the port that listens there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

_HOST = re.compile(r"^(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc(\.cluster\.local)?\.?$")


@dataclass(frozen=True)
class ServiceAddress:
    """A Service's name, namespace and port, as an url in the cluster names them."""

    namespace: str
    name: str
    port: int

    @classmethod
    def from_url(cls, url: str) -> ServiceAddress | None:
        """The address in `http(s)://<service>.<namespace>.svc...`; None for any other url."""
        parts = urlsplit(url)
        match = _HOST.match(parts.hostname or "")
        if match is None:
            return None
        return cls(match["namespace"], match["name"], parts.port or (443 if parts.scheme == "https" else 80))

    def __str__(self) -> str:
        return f"Service {self.namespace}/{self.name} port {self.port}"


@dataclass(frozen=True)
class Endpoint:
    """A pod, and a port of it."""

    namespace: str
    pod: str
    port: int


def find_endpoint(cluster: Cluster, address: ServiceAddress) -> Endpoint:
    """A ready pod behind the Service. None there is a TrackingError that tells the pods' states."""
    service = cluster.get(f"/api/v1/namespaces/{address.namespace}/services/{address.name}")
    if service is None:
        raise _unreachable(address, "there is no such Service", "Deploy it first, or correct the url")
    selector = service["spec"].get("selector")
    port = next((each for each in service["spec"].get("ports", []) if each["port"] == address.port), None)
    if port is None:
        ports = ", ".join(str(each["port"]) for each in service["spec"].get("ports", []))
        raise _unreachable(address, f"the Service has only the ports {ports or 'none'}", "Correct the port in the url")
    if not selector:
        raise _unreachable(address, "the Service selects no pods", "Use an url that works from outside the cluster")
    pods = cluster.request(
        "GET",
        f"/api/v1/namespaces/{address.namespace}/pods",
        query={"labelSelector": ",".join(f"{key}={value}" for key, value in sorted(selector.items()))},
    )["items"]
    for pod in pods:
        if _is_ready(pod):
            return Endpoint(address.namespace, pod["metadata"]["name"], _target(port, pod))
    states = "; ".join(f"{pod['metadata']['name']} is {_state(pod)}" for pod in pods) or "it has no pods"
    raise _unreachable(address, f"none of its pods is ready: {states}", "Look at the pods with kubectl describe")


def _is_ready(pod: Mapping[str, JSON]) -> bool:
    if pod["metadata"].get("deletionTimestamp"):
        return False
    conditions = pod.get("status", {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _state(pod: Mapping[str, JSON]) -> str:
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    status = pod.get("status", {})
    for container in status.get("containerStatuses") or []:
        waiting = container.get("state", {}).get("waiting")
        if waiting:
            return str(waiting.get("reason", "waiting"))
    return f"{status.get('phase', 'Unknown')}, not ready"


def _target(port: Mapping[str, JSON], pod: Mapping[str, JSON]) -> int:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    for container in pod["spec"]["containers"]:
        for each in container.get("ports") or []:
            if each.get("name") == target:
                return int(each["containerPort"])
    return int(port["port"])


def _unreachable(address: ServiceAddress, why: str, mend: str) -> TrackingError:
    return TrackingError(f"{address} cannot be reached", why=why, mend=mend, service=str(address))
