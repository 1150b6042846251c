"""The verdicts on a set of objects, kept up to date by watches until all are ready or one cannot be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.endpoints import services_behind
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.kinds import assess
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import Rule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.selection import Selection
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    failed,
    ready,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.commentary import Commentary
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.diagnosis import Diagnosis
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.followed_logs import FollowedLogs
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.scene import DIAGNOSED, Scene
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.subject import Subject, subjects_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watches import Watching
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any
Bodies = Mapping[Reference, Mapping[str, JSON]]

# How often what is known is thought over though nothing changed: a trouble may have lasted too long.
_LONGEST_PAUSE = 1.0
_SHORTEST_PAUSE = 0.1  # between two thoughts


@dataclass(frozen=True)
class Means:
    """What a wait works with. progress: is told how it goes; follows_logs: and what the pods' containers write."""

    cluster: Cluster
    resources: Resources
    mask: Mask
    threads: int
    rules: Sequence[Rule]
    late_binding_classes: Callable[[], frozenset[str] | None]
    progress: Progress
    follows_logs: bool


class ReadinessWatch:
    """One wait for one set. `verdicts` and the `latest` state of each object are for reading."""

    def __init__(self, means: Means, watching: Watching, bodies: Bodies) -> None:
        self.latest = dict(bodies)
        self.verdicts: dict[Reference, Readiness] = {}
        self.diagnosed: set[Reference] = set()
        self._means = means
        self._watching = watching
        self._scene = Scene(watching, means.resources)
        self._diagnosis = Diagnosis(means.cluster, means.mask, self._scene)
        self._commentary = Commentary(means.progress, means.mask, self._scene)
        self._subjects: dict[Reference, Subject] = {}
        selection = Selection(self.latest)
        self._around = Surroundings(means.late_binding_classes, self._scene.slices, selection.wants_pods_for)
        self._assess(list(self.latest))

    @property
    def pending(self) -> list[Reference]:
        return [reference for reference, verdict in self.verdicts.items() if not verdict.done]

    @property
    def is_over(self) -> bool:
        """All are ready, or one has failed."""
        verdicts = self.verdicts.values()
        return all(each.done for each in verdicts) or any(each.done and not each.successful for each in verdicts)

    def keep_up(self, deadline: float) -> None:
        """Comes back when it is over, or at the deadline. Raises ApiError, Unreachable."""
        if not self.is_over:
            self._look_at_endpoints()
        if self.is_over:
            return
        self._begin()
        with FollowedLogs(self._means.cluster, self._means.mask, self._means.progress) as logs:
            while not self.is_over and (now := time.monotonic()) < deadline:
                self._comment(logs)
                self._take(self._watching.await_change(min(deadline, now + _LONGEST_PAUSE)))
                self._diagnose()
        if self._means.follows_logs:  # what became of it is told below the last line of its log
            for reference, verdict in self.verdicts.items():
                self._tell_end(reference, verdict)

    def look_once_more(self) -> None:
        """Asks for what is pending: something between here and the server may have held back what a watch told."""
        self._take(self._watching.look_again())

    def _look_at_endpoints(self) -> None:
        services = [each for reference in self.pending for each in services_behind(self.latest[reference])]
        if services:
            self._watching.look((), self._scene.endpoints_of(services))
            self._scene.look()
            self._assess(self.pending)

    def _begin(self) -> None:
        self._subjects = subjects_of(self._means.resources, self.pending)
        bodies = [self.latest[reference] for reference in self.pending]
        self._watching.look(set(self._subjects.values()), self._scene.around(bodies))
        self._scene.look()
        self._diagnosis.begin([body for body in bodies if body["kind"] in DIAGNOSED])
        self._take(set(self._subjects.values()))
        if not self.is_over:
            self._watching.listen()

    def _take(self, changed: set[Subject]) -> None:
        if self._scene.look(changed):
            self._assess([each for each in self.pending if services_behind(self.latest[each])])
        concerned = [each for each in self.pending if self._subjects[each] in changed]
        seen = {
            reference: body
            for reference in concerned
            if (body := self._watching.items(self._subjects[reference]).get(reference.name)) is not None
        }
        self._renew(concerned, seen)
        still_needed = {self._subjects[reference] for reference in self.pending}
        for subject in set(self._subjects.values()) - still_needed:
            self._watching.drop(subject)

    def _renew(self, references: Sequence[Reference], seen: Bodies) -> None:
        for reference in references:
            if reference not in seen:
                self._say(reference, _vanished(self.latest[reference]))
        self.latest.update(seen)
        self._assess(list(seen))

    def _assess(self, references: Sequence[Reference]) -> None:
        for reference in references:
            self._say(reference, assess(reference, self.latest[reference], self._around, self._means.rules))

    def _diagnose(self) -> None:
        for reference in self.pending:
            if reference.kind not in DIAGNOSED:
                continue
            try:
                cause = self._diagnosis.failure(self.latest[reference])
            except TrackingError:
                continue  # something may not be read: then the deadline tells
            if cause:
                self.diagnosed.add(reference)
                self._say(reference, failed(cause))

    def _comment(self, logs: FollowedLogs) -> None:
        pending = self.pending
        self._commentary.now((each, self.verdicts[each], self.latest[each]) for each in pending)
        if self._means.follows_logs:
            for each in pending:
                logs.follow(each, self._scene.pods(self.latest[each]))

    def _say(self, reference: Reference, verdict: Readiness) -> None:
        if self.verdicts.get(reference) != verdict:
            self.verdicts[reference] = verdict
            if not self._means.follows_logs:
                self._tell_end(reference, verdict)

    def _tell_end(self, reference: Reference, verdict: Readiness) -> None:
        if verdict.done:
            self._commentary.end(reference, verdict)


def _vanished(body: Mapping[str, JSON]) -> Readiness:
    if body["kind"] == "Job" and (body.get("spec") or {}).get("ttlSecondsAfterFinished") is not None:
        return ready("done, result unknown: its time to live removed it")
    return failed("it was deleted while it was waited for")
