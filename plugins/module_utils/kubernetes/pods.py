"""Which pods belong to a workload as it is now: the newest ReplicaSet's or revision's, not the old ones'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster

JSON = Any

_REVISION = "deployment.kubernetes.io/revision"
_OPERATORS = {"In": "in", "NotIn": "notin"}


def current_pods(cluster: Cluster, body: Mapping[str, JSON]) -> list[JSON]:
    """The pods of a Deployment, StatefulSet, DaemonSet, Job or Pod; none for another kind."""
    kind, namespace = body["kind"], body["metadata"].get("namespace", "")
    if kind == "Pod":
        return [body]
    selector = (body.get("spec") or {}).get("selector")
    if kind not in ("Deployment", "StatefulSet", "DaemonSet", "Job") or not isinstance(selector, dict):
        return []
    query = {"labelSelector": label_selector(selector)}
    pods: list[JSON] = cluster.request("GET", f"/api/v1/namespaces/{namespace}/pods", query=query)["items"]
    if kind == "Deployment":
        newest = newest_replica_set(cluster, body)
        return [] if newest is None else [pod for pod in pods if _is_owned(pod, newest)]
    owned = [pod for pod in pods if _is_owned(pod, body)]
    if kind == "StatefulSet":
        revision = (body.get("status") or {}).get("updateRevision")
        return [pod for pod in owned if _label(pod, "controller-revision-hash") in (revision, None)]
    if kind == "DaemonSet":
        generation = str(body["metadata"].get("generation", ""))
        return [pod for pod in owned if _label(pod, "pod-template-generation") in (generation, None)]
    return owned


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
