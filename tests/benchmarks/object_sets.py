"""The objects that are applied, in a namespace of their own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from contenders.contender import Target
from own_cluster import CONTEXT

JSON = Any

_SECONDS_TO_SETTLE = 600.0


@contextlib.contextmanager
def target(
    cluster: Cluster, kubeconfig: Path, folder: Path, namespace: str, objects: Sequence[JSON]
) -> Iterator[Target]:
    """A new namespace and a file of the objects for it; the namespace is gone afterwards."""
    file = folder / f"{namespace}.yaml"
    file.write_text(yaml.dump_all(objects, Dumper=yaml.CSafeDumper), encoding="utf-8")
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    cluster.request("POST", "/api/v1/namespaces", body=body)
    try:
        yield Target(kubeconfig, CONTEXT, namespace, file)
    finally:
        cluster.request("DELETE", f"/api/v1/namespaces/{namespace}")
        while cluster.get(f"/api/v1/namespaces/{namespace}") is not None:
            time.sleep(0.5)


def config_maps_and_services(namespace: str, count: int) -> list[JSON]:
    """Half of each, in turn."""
    return [
        each for number in range(count // 2) for each in (_config_map(namespace, number), _service(namespace, number))
    ]


def config_maps(namespace: str, count: int) -> list[JSON]:
    """Objects of which each costs the API server the same."""
    return [_config_map(namespace, number) for number in range(count)]


def _config_map(namespace: str, number: int) -> JSON:
    data = {"key": f"value {number}"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _metadata(namespace, number), "data": data}


def _service(namespace: str, number: int) -> JSON:
    spec = {"selector": {"app": f"object-{number}"}, "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(namespace, number), "spec": spec}


def _metadata(namespace: str, number: int) -> JSON:
    return {"name": f"object-{number}", "namespace": namespace, "labels": {"app": f"object-{number}"}}


def settle(cluster: Cluster, namespace: str, count: int) -> None:
    """Waits until the cluster's controllers have made what the Services need, so that they do not run meanwhile."""
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
    deadline = time.monotonic() + _SECONDS_TO_SETTLE
    while time.monotonic() < deadline:
        page = cluster.request("GET", path, query={"limit": 1})
        if len(page["items"]) + page["metadata"].get("remainingItemCount", 0) >= count // 2:
            break
        time.sleep(0.5)
    time.sleep(1)
