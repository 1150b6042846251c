"""Holding workloads still: scaled to nothing and their pods gone, and back again if what it was for fails."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.pods import label_selector
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resources

JSON = Any

_PAUSE = 0.2


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet that exists, how many replicas it wants and how its pods are found."""

    reference: Reference
    path: str
    replicas: int
    selector: str


def find_workloads(cluster: Cluster, resources: Resources, references: Iterable[Reference]) -> list[Workload]:
    """Those of the workloads that exist; one that doesn't has nothing to hold still."""
    workloads = []
    for reference in references:
        path = resources.find(reference.api_version, reference.kind).path(reference)
        live = cluster.get(path)
        if live is not None:
            spec = live["spec"]
            workloads.append(Workload(reference, path, spec.get("replicas", 1), label_selector(spec["selector"])))
    return workloads


@dataclass
class Quiesce:
    """Scales workloads down and, on request, up again to what they were."""

    cluster: Cluster
    workloads: Sequence[Workload]
    field_manager: str

    def hold(self, seconds: float) -> None:
        """Scales to 0 and waits until no pod is left, not even one that is ending. Raises TrackingError if too slow."""
        for workload in self.workloads:
            if workload.replicas:
                self._scale(workload, 0)
        deadline = time.monotonic() + seconds
        for workload in self.workloads:
            while pods := self._pods(workload):
                if time.monotonic() >= deadline:
                    raise TrackingError(
                        f"{workload.reference} does not come to rest",
                        why=f"its pods are still there after {seconds:g} s: {', '.join(pods)}",
                        mend="See with kubectl describe what keeps them from ending",
                    )
                time.sleep(_PAUSE)

    def release(self) -> list[str]:
        """Scales every workload back to what it was; answers with what could not be, as sentences."""
        failures = []
        for workload in self.workloads:
            try:
                if workload.replicas:
                    self._scale(workload, workload.replicas)
            except TrackingError as error:
                failures.append(f"{workload.reference} could not be scaled back to {workload.replicas}: {error}")
        return failures

    def _scale(self, workload: Workload, replicas: int) -> None:
        try:
            self.cluster.request(
                "PATCH",
                f"{workload.path}/scale",
                query={"fieldManager": self.field_manager},
                body={"spec": {"replicas": replicas}},
                content_type="application/merge-patch+json",
            )
        except ApiError as error:
            if error.status != 404:  # deleted meanwhile: it is still
                raise

    def _pods(self, workload: Workload) -> list[str]:
        path = f"/api/v1/namespaces/{workload.reference.namespace}/pods"
        items: list[Mapping[str, JSON]] = self.cluster.request("GET", path, query={"labelSelector": workload.selector})[
            "items"
        ]
        return [pod["metadata"]["name"] for pod in items if not _has_ended(pod)]


def _has_ended(pod: Mapping[str, JSON]) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
