"""Waiting until a set of objects is ready, and giving up as soon as one cannot be."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.kinds import assess
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import Rule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.selection import Selection
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any
Bodies = Mapping[Reference, Mapping[str, JSON]]


@dataclass
class Waiting:
    """Waits for sets of objects of one cluster, within one time budget each.

    rules: the user's, of readiness. progress: is told, while it waits, how each object is. follows_logs: what the
    containers of its pods write is told too, line by line.
    """

    cluster: Cluster
    resources: Resources
    mask: Mask
    seconds: float
    threads: int
    rules: Sequence[Rule] = ()
    progress: Progress = field(default_factory=Progress)
    follows_logs: bool = False

    def __post_init__(self) -> None:
        self._late_binding: frozenset[str] | None = None
        self._knows_classes = False

    def until_ready(self, bodies: Bodies) -> dict[Reference, Readiness]:
        """Every object's readiness: all successful, or at least one that failed or was too slow.

        bodies: the objects as they were last seen; those that are ready are not asked for again.
        """
        deadline = time.monotonic() + self.seconds
        selection = Selection(bodies)
        around = Surroundings(self._late_binding_classes, lambda _namespace, _name: (), selection.wants_pods_for)
        verdicts = {each: assess(each, body, around, self.rules) for each, body in bodies.items()}
        if all(verdict.successful for verdict in verdicts.values()):
            return verdicts
        # What waiting takes is much to load, and often nothing has to be waited for.
        from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.long_wait import await_ready
        from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.readiness_watch import Means

        classes = self._late_binding_classes
        means = Means(
            self.cluster,
            self.resources,
            self.mask,
            self.threads,
            self.rules,
            classes,
            self.progress,
            follows_logs=self.follows_logs,
        )
        return await_ready(means, bodies, deadline, self.seconds)

    def _late_binding_classes(self) -> frozenset[str] | None:
        if not self._knows_classes:
            self._knows_classes, self._late_binding = True, self._ask_for_classes()
        return self._late_binding

    def _ask_for_classes(self) -> frozenset[str] | None:
        try:
            classes: list[Mapping[str, JSON]] = self.cluster.request("GET", "/apis/storage.k8s.io/v1/storageclasses")[
                "items"
            ]
        except ApiError:
            return None
        late = [each for each in classes if each.get("volumeBindingMode") == "WaitForFirstConsumer"]
        return frozenset(each["metadata"]["name"] for each in late)
