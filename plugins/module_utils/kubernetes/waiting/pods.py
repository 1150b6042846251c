"""Which pods belong to a workload as it is now: the newest ReplicaSet's or revision's, not the old ones'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

WORKLOADS = frozenset({"DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "ReplicationController", "StatefulSet"})
_REVISION = "deployment.kubernetes.io/revision"
_DAEMON_GENERATION = "deprecated.daemonset.template.generation"
_OPERATORS = {"In": "in", "NotIn": "notin"}


def current_pods(cluster: Cluster, body: Mapping[str, JSON]) -> list[JSON]:
    """The pods of a workload, asked for; none for another kind."""
    kind, namespace = body["kind"], body["metadata"].get("namespace", "")
    if kind == "Pod":
        return [body]
    selector = pod_selector(body)
    if not selector:
        return []
    query = {"labelSelector": selector}
    pods: list[JSON] = cluster.request("GET", f"/api/v1/namespaces/{namespace}/pods", query=query)["items"]
    if kind == "Deployment":
        newest = newest_replica_set(cluster, body)
        return [] if newest is None else [pod for pod in pods if _is_owned(pod, newest)]
    return [pod for pod in pods if _is_owned(pod, body) and may_belong(pod, body)]


def pods_in_the_way(cluster: Cluster, body: Mapping[str, JSON]) -> list[JSON]:
    """The pods of an older template that a StatefulSet does not replace before they are ready, asked for."""
    if body["kind"] != "StatefulSet":
        return []
    path = f"/api/v1/namespaces/{body['metadata']['namespace']}/pods"
    pods: list[JSON] = cluster.request("GET", path, query={"labelSelector": pod_selector(body)})["items"]
    return [pod for pod in pods if holds_up(pod, body)]


def pod_selector(body: Mapping[str, JSON]) -> str:
    """How a query finds the pods of a workload, and maybe more; empty for another kind."""
    selector = (body.get("spec") or {}).get("selector")
    if body["kind"] not in WORKLOADS or not isinstance(selector, dict):
        return ""
    return label_selector({"matchLabels": selector} if body["kind"] == "ReplicationController" else selector)


def workloads_of(pod: Mapping[str, JSON]) -> list[str]:
    """Whose pod it is: its owners' uids, and `namespace/name` of the Deployment, where a ReplicaSet owns it."""
    metadata = pod["metadata"]
    owners = metadata.get("ownerReferences") or []
    suffix = f"-{_label(pod, 'pod-template-hash')}"
    names = [owner["name"] for owner in owners if owner["kind"] == "ReplicaSet" and owner["name"].endswith(suffix)]
    return [owner["uid"] for owner in owners] + [
        f"{metadata['namespace']}/{name.removesuffix(suffix)}" for name in names
    ]


def may_belong(pod: Mapping[str, JSON], body: Mapping[str, JSON]) -> bool:
    """Whether a pod of a workload is of its present template; of a Deployment's pods, only a ReplicaSet tells."""
    if body["kind"] == "StatefulSet":
        revision = (body.get("status") or {}).get("updateRevision")
        return _label(pod, "controller-revision-hash") in (revision, None)
    if body["kind"] == "DaemonSet":
        generation = (body["metadata"].get("annotations") or {}).get(_DAEMON_GENERATION)
        return generation is None or _label(pod, "pod-template-generation") in (generation, None)
    return True


def has_ended(pod: Mapping[str, JSON]) -> bool:
    """Whether all its containers have, for good."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def holds_up(pod: Mapping[str, JSON], body: Mapping[str, JSON]) -> bool:
    """Whether a StatefulSet waits for this pod of an older template to get ready before it replaces any.

    Where that never happens, the pod has to be deleted ("forced rollback" in Kubernetes' documentation).
    """
    if body["kind"] != "StatefulSet" or body["spec"].get("podManagementPolicy") == "Parallel":
        return False
    return _is_owned(pod, body) and not may_belong(pod, body) and not pod["metadata"].get("deletionTimestamp")


def newest_replica_set(cluster: Cluster, deployment: Mapping[str, JSON]) -> JSON | None:
    """The ReplicaSet of a Deployment's present template, or None before there is one."""
    metadata = deployment["metadata"]
    query = {"labelSelector": label_selector(deployment["spec"]["selector"])}
    path = f"/apis/apps/v1/namespaces/{metadata['namespace']}/replicasets"
    revision = (metadata.get("annotations") or {}).get(_REVISION)
    for each in cluster.request("GET", path, query=query)["items"]:
        own = (each["metadata"].get("annotations") or {}).get(_REVISION)
        if _is_owned(each, deployment) and own == revision:
            return each
    return None


def label_selector(selector: Mapping[str, JSON]) -> str:
    """A LabelSelector in the form a query takes."""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for each in selector.get("matchExpressions") or []:
        if each["operator"] in _OPERATORS:
            parts.append(f"{each['key']} {_OPERATORS[each['operator']]} ({','.join(each['values'])})")
        else:
            parts.append(each["key"] if each["operator"] == "Exists" else f"!{each['key']}")
    return ",".join(parts)


def _is_owned(body: Mapping[str, JSON], owner: Mapping[str, JSON]) -> bool:
    uid = owner["metadata"].get("uid")
    return any(each["uid"] == uid for each in body["metadata"].get("ownerReferences") or [])


def _label(body: Mapping[str, JSON], key: str) -> str | None:
    value: str | None = (body["metadata"].get("labels") or {}).get(key)
    return value
