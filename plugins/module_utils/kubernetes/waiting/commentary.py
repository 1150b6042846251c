"""What is said of objects while they are waited for: how each is, and of a workload how far its youngest pod came."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pod_state import (
    is_ready,
    state_of,
    trouble_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import WORKLOADS
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.scene import Scene
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any

_SECONDS_BETWEEN = 0.3


class Commentary:
    """Finds the words, without secrets, and only where somebody hears them."""

    def __init__(self, progress: Progress, mask: Mask, scene: Scene) -> None:
        self._progress = progress
        self._mask = mask
        self._scene = scene
        self._said = 0.0

    def now(self, verdicts: Iterable[tuple[Reference, Readiness, Mapping[str, JSON]]]) -> None:
        """Says how those are that are still waited for; often called, it is heard now and then."""
        if not self._progress.is_heard or time.monotonic() - self._said < _SECONDS_BETWEEN:
            return
        self._said = time.monotonic()
        for reference, verdict, body in verdicts:
            pod = self._of_pod(reference, body)
            self._progress.now(str(reference), self._mask.text(f"{verdict.message}; {pod}" if pod else verdict.message))

    def end(self, reference: Reference, verdict: Readiness) -> None:
        """Says what became of one."""
        if self._progress.is_heard:
            first, *_log = self._mask.text(verdict.message).splitlines() or [""]
            self._progress.end(str(reference), first)

    def _of_pod(self, reference: Reference, body: Mapping[str, JSON]) -> str:
        if reference.kind not in WORKLOADS:
            return ""
        pods = [pod for pod in self._scene.pods(body) if not is_ready(pod)]
        if not pods:
            return ""
        pod = max(pods, key=lambda each: str(each["metadata"].get("creationTimestamp", "")))
        trouble = trouble_of(pod)
        return str(trouble) if trouble is not None else state_of(pod)
