"""Whether a cluster is on its feet: not what its API remembers from before a restart, but since the nodes started."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .commands import ClusterError, try_run
from .nodes import Node, control_plane

KUBECTL = ("kubectl", "--kubeconfig=/etc/kubernetes/admin.conf")
SYSTEM_NAMESPACES = ("kube-system", "local-path-storage")


def wait(nodes: list[Node], timeout: float) -> float:
    """Waits until nothing is missing any more and returns the seconds it took; raises with what is still missing."""
    began = time.monotonic()
    while True:
        missing = what_is_missing(nodes)
        waited = time.monotonic() - began
        if not missing:
            return waited
        if waited > timeout:
            raise ClusterError(f"The cluster is not ready after {timeout:.0f} s: {'; '.join(missing)}.")
        time.sleep(1)


def what_is_missing(nodes: list[Node]) -> list[str]:
    """A phrase for each thing that is not ready; empty when the cluster is."""
    asleep = [f"node {node.name} is stopped" for node in nodes if not node.running]
    if asleep:
        return asleep
    question = ["docker", "exec", control_plane(nodes).name, *KUBECTL, "get", "nodes,pods,storageclasses"]
    answered, said = try_run([*question, "--all-namespaces", "--output=json", "--request-timeout=10s"])
    if not answered:
        return [f"its API does not answer ({said.splitlines()[-1]})"]
    return list(missing_in(json.loads(said)["items"], {node.name: node.started_at for node in nodes}))


def missing_in(objects: Iterable[Mapping[str, Any]], started: Mapping[str, str]) -> Iterable[str]:
    """What is missing by the nodes, pods and storage classes in `objects`; `started` says when each node started."""
    kinds: dict[str, list[Mapping[str, Any]]] = {"Node": [], "Pod": [], "StorageClass": []}
    for each in objects:
        kinds[each["kind"]].append(each)
    for node in kinds["Node"]:
        name = node["metadata"]["name"]
        ready = _condition(node, "Ready")
        if ready.get("status") != "True" or _moment(ready["lastHeartbeatTime"]) < _moment(started.get(name, "")):
            yield f"node {name} is not Ready"
    system = [pod for pod in kinds["Pod"] if pod["metadata"]["namespace"] in SYSTEM_NAMESPACES]
    for pod in system:
        since = started.get(pod["spec"].get("nodeName", ""), "")
        if pod["status"].get("phase") != "Succeeded" and not _runs_since(pod, since):
            yield f"pod {pod['metadata']['name']} is not ready"
    if not any(pod["metadata"]["namespace"] == "local-path-storage" for pod in system):
        yield "nothing provides volumes"
    if not kinds["StorageClass"]:
        yield "there is no StorageClass"


def _runs_since(pod: Mapping[str, Any], since: str) -> bool:
    containers = pod["status"].get("containerStatuses", [])
    starts = [each.get("state", {}).get("running", {}).get("startedAt", "") for each in containers]
    ready = _condition(pod, "Ready").get("status") == "True"
    return ready and bool(starts) and all(_moment(start) >= _moment(since) for start in starts)


def _condition(each: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    conditions: list[Mapping[str, Any]] = each["status"].get("conditions", [])
    return next((condition for condition in conditions if condition["type"] == kind), {})


def _moment(text: str) -> datetime:
    """RFC 3339 to whole seconds (Docker gives nanoseconds, Kubernetes none); the beginning of time if empty."""
    return datetime.fromisoformat((text or "0001-01-01T00:00:00")[:19])
