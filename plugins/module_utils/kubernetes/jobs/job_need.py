"""Whether a Job that prepares data for a workload has something to do: the workload itself is the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any


def is_needed(cluster: Cluster, resources: Resources, job: Mapping[str, JSON], workloads: Iterable[Reference]) -> bool:
    """True where a workload runs another image than the Job, or none is there and there may be data for it.

    A claim without a volume was never used, so there is no data to prepare. What a Job without a claim prepares lies
    elsewhere, as in a database server, so that only the Job itself can tell.
    """
    live = [cluster.get(resources.find(each.api_version, each.kind).path(each)) for each in workloads]
    running = [_images(each) for each in live if each is not None]
    if running:
        return any(not images & _images(job) for images in running)
    claims = _claims(job)
    return not claims or any(_has_volume(cluster, job["metadata"]["namespace"], claim) for claim in claims)


def _images(workload: Mapping[str, JSON]) -> set[str]:
    containers: Sequence[Mapping[str, JSON]] = workload["spec"]["template"]["spec"].get("containers") or []
    return {str(container.get("image", "")) for container in containers}


def _claims(job: Mapping[str, JSON]) -> list[str]:
    volumes: Sequence[Mapping[str, JSON]] = job["spec"]["template"]["spec"].get("volumes") or []
    return [each["persistentVolumeClaim"]["claimName"] for each in volumes if each.get("persistentVolumeClaim")]


def _has_volume(cluster: Cluster, namespace: str, claim: str) -> bool:
    live = cluster.get(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{claim}")
    return live is not None and bool(live["spec"].get("volumeName"))
