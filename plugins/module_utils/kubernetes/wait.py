"""Waiting until a set of objects is ready, and giving up as soon as one cannot be."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.diagnosis import Diagnosis
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.live import read_live
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.kinds import assess
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    failed,
    ready,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resources

JSON = Any
Bodies = Mapping[Reference, Mapping[str, JSON]]

_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 0.5
_PAUSE_BETWEEN_DIAGNOSES = 1.0
_WORKLOADS = frozenset({"DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"})


@dataclass
class Waiting:
    """Waits for sets of objects of one cluster, within one time budget each."""

    cluster: Cluster
    resources: Resources
    mask: Mask
    seconds: float
    threads: int

    def __post_init__(self) -> None:
        self._diagnosis = Diagnosis(self.cluster, self.mask)
        self._late_binding: frozenset[str] | None = None
        self._knows_classes = False
        self._diagnosed = 0.0

    def until_ready(self, bodies: Bodies) -> dict[Reference, Readiness]:
        """Every object's readiness: all successful, or at least one that failed or was too slow.

        bodies: the objects as they were last seen; those that are ready are not asked for again.
        """
        deadline = time.monotonic() + self.seconds
        latest = dict(bodies)
        verdicts = {reference: self._assess(reference, body) for reference, body in latest.items()}
        pause = _SHORTEST_PAUSE
        while pending := [reference for reference, verdict in verdicts.items() if not verdict.done]:
            if any(verdict.done and not verdict.successful for verdict in verdicts.values()):
                break
            if time.monotonic() >= deadline:
                verdicts.update({each: self._too_late(verdicts[each], latest[each]) for each in pending})
                break
            time.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)
            self._look_again(pending, latest, verdicts)
        for reference, verdict in verdicts.items():
            if verdict.done and not verdict.successful and reference.kind == "Job":
                story = self._diagnosis.story(latest[reference])
                verdicts[reference] = failed(f"{verdict.message}. {story}" if story else verdict.message)
        return verdicts

    def _look_again(
        self,
        pending: list[Reference],
        latest: dict[Reference, Mapping[str, JSON]],
        verdicts: dict[Reference, Readiness],
    ) -> None:
        seen = read_live(self.cluster, self.resources, pending, self.threads)
        is_time = time.monotonic() - self._diagnosed >= _PAUSE_BETWEEN_DIAGNOSES
        for reference in pending:
            if reference not in seen:
                verdicts[reference] = _vanished(latest[reference])
                continue
            latest[reference] = seen[reference]
            verdict = self._assess(reference, seen[reference])
            if not verdict.done and is_time and reference.kind in _WORKLOADS:
                cause = self._diagnose(seen[reference])
                verdict = failed(cause) if cause else verdict
            verdicts[reference] = verdict
        if is_time:
            self._diagnosed = time.monotonic()

    def _assess(self, reference: Reference, body: Mapping[str, JSON]) -> Readiness:
        is_open_claim = reference.kind == "PersistentVolumeClaim" and (body.get("status") or {}).get("phase") != "Bound"
        if is_open_claim and not self._knows_classes:
            self._knows_classes, self._late_binding = True, self._late_binding_classes()
        return assess(reference.group, reference.kind, body, self._late_binding)

    def _diagnose(self, body: Mapping[str, JSON]) -> str:
        try:
            return self._diagnosis.failure(body)
        except TrackingError:
            return ""  # pods or events may not be read: then the deadline tells

    def _too_late(self, verdict: Readiness, body: Mapping[str, JSON]) -> Readiness:
        story = self._diagnosis.story(body) if body["kind"] in _WORKLOADS else ""
        return failed(f"not ready within {self.seconds:.0f} s: {verdict.message}" + (f". {story}" if story else ""))

    def _late_binding_classes(self) -> frozenset[str] | None:
        try:
            classes = self.cluster.request("GET", "/apis/storage.k8s.io/v1/storageclasses")["items"]
        except ApiError:
            return None
        late = [each for each in classes if each.get("volumeBindingMode") == "WaitForFirstConsumer"]
        return frozenset(each["metadata"]["name"] for each in late)


def _vanished(body: Mapping[str, JSON]) -> Readiness:
    if body["kind"] == "Job" and (body.get("spec") or {}).get("ttlSecondsAfterFinished") is not None:
        return ready("done, result unknown: its time to live removed it")
    return failed("it was deleted while it was waited for")
