"""Holding workloads still: scaled to nothing and their pods gone, and back again if what it was for fails."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.at_rest import until_at_rest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import label_selector
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress


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
    resources: Resources
    workloads: Sequence[Workload]
    field_manager: str
    progress: Progress

    def hold(self, seconds: float) -> None:
        """Scales to 0 and waits until no pod is left, not even one that is ending. Raises TrackingError if too slow."""
        for workload in self.workloads:
            if workload.replicas:
                self._scale(workload, 0)
        if not self.workloads:
            return
        selectors = {workload.reference: workload.selector for workload in self.workloads}
        running = until_at_rest(self.cluster, self.resources, selectors, time.monotonic() + seconds, self.progress)
        for reference, pods in running.items():
            raise TrackingError(
                f"{reference} does not come to rest",
                why=f"its pods are still there after {seconds:.0f} s: {', '.join(pods)}",
                mend="See with kubectl describe what keeps them from ending",
            )

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
