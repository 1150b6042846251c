"""The pod beside our claim that takes the copy in. It is there only meanwhile."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.adoptee import Adoptee
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import NEW_SIDE, Remote
from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import (
    SetOptions,
    plan_present,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.gone import until_gone
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import parse
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any

_SECONDS_TO_GO_AWAY = 60.0


@contextlib.contextmanager
def receiving(
    cluster: Cluster, documents: str, database: str, adoptee: Adoptee, *, seconds: float, progress: Progress
) -> Iterator[Remote]:
    """The new side, in the one pod that `documents` describe. It goes with the old Deployment, whoever is killed."""
    pod = _of(adoptee, _only_pod(documents))
    metadata = pod["metadata"]
    _remove(cluster, metadata["namespace"], metadata["name"], progress)
    try:
        options = SetOptions(Applying(), threads=1, wait_seconds=seconds, check=False, diff=False, progress=progress)
        plan_present(cluster, json.dumps([{"source": "Definition 1", "object": pod}]), options).carry_out()
        container = pod["spec"]["containers"][0]["name"]
        with Remote.in_pod(cluster, metadata["namespace"], metadata["name"], container, NEW_SIDE, database) as remote:
            yield remote
    finally:
        _remove(cluster, metadata["namespace"], metadata["name"], progress)


def _only_pod(documents: str) -> JSON:
    manifests = parse(documents)
    if [manifest.reference.kind for manifest in manifests] != ["Pod"]:
        raise InvalidInput("template", "it holds something else than one Pod", "Leave the Pod alone in it")
    return manifests[0].body


def _of(adoptee: Adoptee, pod: Mapping[str, JSON]) -> JSON:
    """The pod, best on the node of the old one, as a claim may be bound to it."""
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [adoptee.node]}]}
    affinity = {
        "nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "preference": term}]}
    }
    owner = {key: adoptee.deployment["metadata"][key] for key in ("name", "uid")}
    metadata = {
        **pod["metadata"],
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", **owner}],
    }
    return {**pod, "metadata": metadata, "spec": {**pod["spec"], "affinity": affinity}}


def _remove(cluster: Cluster, namespace: str, name: str, progress: Progress) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods/{name}"
    live = cluster.get(path)
    if live is None:
        return
    with contextlib.suppress(ApiError):
        cluster.request("DELETE", path, query={"gracePeriodSeconds": 0})
    deadline = time.monotonic() + _SECONDS_TO_GO_AWAY
    if until_gone(cluster, Resources(cluster), {Reference("v1", "Pod", namespace, name): live}, 1, deadline, progress):
        raise TrackingError(f"Pod {namespace}/{name} does not go away", mend="See with kubectl describe what keeps it")
