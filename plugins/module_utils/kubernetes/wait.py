"""Waiting until a set of objects is ready, and giving up as soon as one cannot be."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.parallel import for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.pods import WORKLOADS
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import Rule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness, failed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness_watch import (
    Bodies,
    Means,
    ReadinessWatch,
    Tell,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.story import Storyteller
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watches import Watching

JSON = Any


def _nobody(_reference: Reference, _verdict: Readiness) -> None:
    """Nobody looks on."""


@dataclass
class Waiting:
    """Waits for sets of objects of one cluster, within one time budget each.

    rules: the user's, of readiness. tell: is told, while it waits, each object's verdict when it changes.
    """

    cluster: Cluster
    resources: Resources
    mask: Mask
    seconds: float
    threads: int
    rules: Sequence[Rule] = ()
    tell: Tell = _nobody

    def __post_init__(self) -> None:
        self._late_binding: frozenset[str] | None = None
        self._knows_classes = False

    def until_ready(self, bodies: Bodies) -> dict[Reference, Readiness]:
        """Every object's readiness: all successful, or at least one that failed or was too slow.

        bodies: the objects as they were last seen; those that are ready are not asked for again.
        """
        deadline = time.monotonic() + self.seconds
        means = Means(
            self.cluster,
            self.resources,
            self.mask,
            self.threads,
            self.rules,
            self._late_binding_classes,
            self.tell,
        )
        with Watching(self.cluster, self.threads) as watching:
            watch = ReadinessWatch(means, watching, bodies)
            watch.keep_up(deadline)
            if not watch.is_over:
                with contextlib.suppress(TrackingError):
                    watch.look_once_more()
        return {**watch.verdicts, **self._failures(watch)}

    def _failures(self, watch: ReadinessWatch) -> dict[Reference, Readiness]:
        """Those that failed or were too slow, with all that can be found out about them."""
        pending = [] if watch.is_over else watch.pending
        refused = [each for each, verdict in watch.verdicts.items() if verdict.done and not verdict.successful]
        untold = [each for each in refused if each not in watch.diagnosed and each.kind in WORKLOADS]
        storyteller = Storyteller(self.cluster, self.mask)
        outcomes = for_each(lambda each: storyteller.story(watch.latest[each]), pending + untold, self.threads)
        stories = {outcome.item: f". {outcome.value}" if outcome.value else "" for outcome in outcomes}
        told = {each: failed(f"{watch.verdicts[each].message}{stories[each]}") for each in untold}
        late = f"not ready within {self.seconds:.0f} s"
        return told | {each: failed(f"{late}: {watch.verdicts[each].message}{stories[each]}") for each in pending}

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
