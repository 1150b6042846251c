"""Running a Job to its end: what it needs still is held still, its log is kept, its failure is told."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.explain import explained
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying, send_apply
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.gone import until_gone
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.job_record import Course
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.job import COMPLETE, assess
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.container_log import ContainerLog
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import current_pods, has_ended
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.quiesce import Quiesce
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.wait import Waiting
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any

LOG_LINES = 200
_SECONDS_TO_GO_AWAY = 120.0


class JobFailed(TrackingError):
    """The Job did not come to a good end; `result` holds its log."""

    def __init__(self, manifest: Manifest, why: str, outcome: Outcome, unrestored: list[str]) -> None:
        super().__init__(
            f"{manifest.reference} failed",
            why="\n".join([why, *unrestored]),
            mend="Mend the cause and run the same again: a failed Job is always run again",
        )
        self.result = {"changed": True, **outcome.as_json()}


@dataclass
class JobRun:
    """One run of a Job. Everything it may take, quiescing included, is within `seconds`."""

    cluster: Cluster
    resources: Resources
    mask: Mask
    manifest: Manifest
    how: Applying
    quiesce: Quiesce
    seconds: float
    progress: Progress
    _started: float = field(default_factory=time.monotonic)
    _action: Action = Action.CREATED
    _tries: int = 0

    def carry_out(self, course: Course) -> Outcome:
        """Runs or follows the Job; gives `succeeded`, `log` and `duration` too. Raises JobFailed."""
        self._action = Action.CREATED if course is Course.RUN else Action.CHANGED
        self._started = time.monotonic()
        is_done = False
        try:
            if course is Course.REPLACE:
                self._remove()
            if course is not Course.FOLLOW:
                self.quiesce.hold(self._left())
            live = self._start()
            verdict = self._wait(live)
            # One that is suspended, or that its time to live removed, is no cause to fail a set; here it is no success.
            is_done = verdict.message == COMPLETE
        except ApiError as error:
            story = explained(self.manifest.reference, error, self.mask)
            outcome = self._outcome(story, tries=error.tries)
            raise JobFailed(self.manifest, story, outcome, self._restore()) from None
        except TrackingError as error:
            error.result = {"changed": True, **self._outcome(error.sentence()).as_json()}
            self._restore()
            raise
        except BaseException:
            self._restore()
            raise
        if not is_done:
            story = self.mask.text(verdict.message)
            outcome = self._outcome(story, live)  # its log is read before its pods are ended
            raise JobFailed(self.manifest, story, outcome, [*self._stop(), *self._restore()])
        return self._outcome("", live)

    def _start(self) -> Mapping[str, JSON]:
        resource = self.resources.find(self.manifest.reference.api_version, self.manifest.reference.kind)
        live = send_apply(self.cluster, resource, self.manifest, self.how)
        self._tries = self.cluster.tries
        return live

    def _wait(self, live: Mapping[str, JSON]) -> Readiness:
        waiting = Waiting(
            self.cluster,
            self.resources,
            self.mask,
            self._left(),
            threads=1,
            progress=self.progress,
            follows_logs=True,
        )
        return waiting.until_ready({self.manifest.reference: live})[self.manifest.reference]

    def _remove(self) -> None:
        """Deletes the old Job and waits until its pods are gone too, so that two never run at once."""
        reference = self.manifest.reference
        path = self.resources.find(reference.api_version, reference.kind).path(reference)
        live = self.cluster.get(path)
        if live is None:
            return
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground"}
        try:
            self.cluster.request("DELETE", path, body=options)
        except ApiError as error:
            if error.status != 404:
                raise
        deadline = time.monotonic() + min(self._left(), _SECONDS_TO_GO_AWAY)
        if until_gone(self.cluster, self.resources, {reference: live}, 1, deadline, self.progress):
            raise TrackingError(
                f"The old {reference} does not go away",
                why="its pods are still ending",
                mend="See with kubectl describe what keeps them",
            )

    def _stop(self) -> list[str]:
        """Suspends a Job that was given up, so that it does not work on beside what is scaled up again."""
        reference = self.manifest.reference
        path = self.resources.find(reference.api_version, reference.kind).path(reference)
        deadline = time.monotonic() + _SECONDS_TO_GO_AWAY
        try:
            live = self.cluster.get(path)
            if live is None or assess(live).done:
                return []
            self.cluster.request(
                "PATCH", path, body={"spec": {"suspend": True}}, content_type="application/merge-patch+json"
            )
            pods = {
                Reference("v1", "Pod", reference.namespace, pod["metadata"]["name"]): pod
                for pod in current_pods(self.cluster, live)
                if not has_ended(pod)
            }
            if until_gone(self.cluster, self.resources, pods, 1, deadline, self.progress):
                return [f"{reference} is suspended, but its pods do not end"]
        except TrackingError as error:
            return [f"{reference} could not be suspended: {error}"]
        return [f"{reference} was suspended"]

    def _restore(self) -> list[str]:
        return self.quiesce.release()

    def _left(self) -> float:
        return max(1.0, self.seconds - (time.monotonic() - self._started))

    def _outcome(self, failure: str, live: Mapping[str, JSON] | None = None, *, tries: int = 0) -> Outcome:
        """failure: why it came to no good end; empty where it did."""
        seconds = time.monotonic() - self._started
        reference, word = self.manifest.reference, "failed" if failure else COMPLETE
        row = Result(
            reference,
            Action.FAILED if failure else self._action,
            seconds=seconds,
            tries=tries or self._tries,
            readiness=word,
            error=failure,
        )
        values = {
            "ran": True,
            "succeeded": not failure,
            "log": [] if live is None else self._log(live),
            "duration": round(seconds, 3),
        }
        return Outcome([row], f"{reference} {word} after {seconds:.0f} s", values)

    def _log(self, live: Mapping[str, JSON]) -> list[str]:
        """The last lines of the pod that ended last, each container's in turn."""
        try:
            pods = current_pods(self.cluster, live)
        except TrackingError:
            return []
        if not pods:
            return []
        pod = max(pods, key=lambda each: str(each["metadata"].get("creationTimestamp", "")))
        log = ContainerLog(self.cluster, self.mask)
        names = [container["name"] for container in pod["spec"]["containers"]]
        texts = [log.last_lines(pod, name, lines=LOG_LINES) for name in names]
        return [line for text in texts for line in text.splitlines()][-LOG_LINES:]
