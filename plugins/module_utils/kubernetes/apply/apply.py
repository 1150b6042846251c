"""Making a set of objects so: stage after stage, each stage in parallel, then waiting until all is ready."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.explain import explained, told_together
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying, send_apply
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Result, SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.rows import Rows, begun
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.stages import AWAITED_AT_ONCE, in_stages
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.takeover import take_over
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.unstable import unstable_paths
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.parallel import Outcome, for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resource, Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.rules import Rule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.leaving import Bodies, make_way
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.wait import Waiting
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any

# A kind is served a moment after its CustomResourceDefinition says so.
_SECONDS_UNTIL_SERVED = 10.0


@dataclass
class Application:
    """One run over a set: holds what is known of each object while its stages go out."""

    cluster: Cluster
    resources: Resources
    mask: Mask
    how: Applying
    threads: int
    wait: Waiting | None  # None: only what the rest needs (namespaces, CRDs) is waited for
    first_wait: Waiting
    progress: Progress
    leaving: Bodies = field(default_factory=dict)  # described objects that are being deleted, to be made anew
    ignore: Sequence[Rule] = ()  # what the next run leaves to others too
    rows: Rows = field(default_factory=dict)
    _bodies: dict[Reference, Mapping[str, JSON]] = field(default_factory=dict)

    def carry_out(self, predictions: Sequence[Prediction]) -> list[Result]:
        """Writes what was predicted and waits. Raises SetFailed with every object's result."""
        self.begin(predictions)
        self.apply(predictions)
        self.await_all()
        return list(self.rows.values())

    def begin(self, predictions: Sequence[Prediction]) -> Rows:
        """Takes the whole set in, and waits until what is to be made anew is gone. Nothing is written."""
        self.rows.update(begun(predictions))
        self._bodies.update({each.reference: each.live for each in predictions if each.live is not None})
        make_way(
            self.cluster, self.resources, self.leaving, self.threads, self.first_wait.seconds, self.rows, self.progress
        )
        return self.rows

    def apply(self, predictions: Sequence[Prediction]) -> None:
        """Writes these objects, stage after stage."""
        by_reference = {prediction.reference: prediction for prediction in predictions}
        for stage in in_stages(prediction.manifest for prediction in predictions):
            self._send([by_reference[each.reference] for each in stage])
            self._await([each.reference for each in stage if each.reference.kind in AWAITED_AT_ONCE], self.first_wait)

    @property
    def uids(self) -> dict[Reference, str]:
        """The uid of each object that was seen or written."""
        return {reference: body["metadata"]["uid"] for reference, body in self._bodies.items()}

    def await_all(self) -> None:
        """Waits for the whole set, unless nothing is to be waited for."""
        if self.wait is not None:
            self._await(list(self._bodies), self.wait)

    def await_unchanged(self, predictions: Sequence[Prediction]) -> list[Result]:
        """For a set that needs no write: its readiness, waited for as after a write."""
        self.begin(predictions)
        self.await_all()
        return list(self.rows.values())

    def _send(self, predictions: Sequence[Prediction]) -> None:
        to_write = [prediction for prediction in predictions if prediction.action.writes]
        count = self.progress.count("objects applied", len(to_write))

        def apply(prediction: Prediction) -> Mapping[str, JSON]:
            live = self._apply(prediction)
            count.one()
            return live

        outcomes = for_each(apply, to_write, self.threads)
        count.end()
        for outcome in outcomes:
            self._note(outcome)
        failed = [outcome.item.reference for outcome in outcomes if outcome.error is not None]
        if failed:
            raise SetFailed(
                f"{len(failed)} of {len(self.rows)} objects could not be applied",
                self.rows.values(),
                why=told_together({each: self.rows[each] for each in failed}),
            )

    def _apply(self, prediction: Prediction) -> Mapping[str, JSON]:
        manifest, reference = prediction.manifest, prediction.reference
        resource = self.resources.find(reference.api_version, reference.kind)
        deadline = time.monotonic() + _SECONDS_UNTIL_SERVED
        while True:
            try:
                answer = send_apply(self.cluster, resource, manifest, self.how)
                self.rows[reference].tries = self.cluster.tries
                return self._settle(resource, manifest, answer)
            except ApiError as error:
                is_not_served_yet = error.status == 404 and self.resources.is_new(reference)
                if not is_not_served_yet or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _settle(self, resource: Resource, manifest: Manifest, answer: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """What follows a write: kubectl lets go of what is applied from here, and what will not stay is told."""
        live = take_over(self.cluster, resource.path(manifest.reference), answer, self.how.field_manager)
        unstable = unstable_paths(self.cluster, self.resources, manifest, live, self.how, self.ignore)
        self.rows[manifest.reference].unstable = unstable
        return live

    def _note(self, outcome: Outcome[Prediction, Mapping[str, JSON]]) -> None:
        row = self.rows[outcome.item.reference]
        row.seconds = outcome.seconds
        if outcome.error is not None:
            story = explained(outcome.item.reference, outcome.error, self.mask, outcome.item.live)
            row.note_failure(outcome.error, story)
        elif outcome.value is not None:
            row.action, row.changes = outcome.item.action, outcome.item.changes
            self._bodies[outcome.item.reference] = outcome.value

    def _await(self, references: Sequence[Reference], waiting: Waiting) -> None:
        if not references:
            return
        try:
            verdicts = waiting.until_ready({reference: self._bodies[reference] for reference in references})
        except TrackingError as error:
            error.result = SetFailed("", self.rows.values(), why="").result
            raise
        for reference, verdict in verdicts.items():
            is_fine = verdict.successful
            self.rows[reference].readiness = verdict.message if is_fine else self.mask.text(verdict.message)
        self._raise_unready(verdicts)

    def _raise_unready(self, verdicts: Mapping[Reference, Readiness]) -> None:
        unready = {each: verdict for each, verdict in verdicts.items() if verdict.done and not verdict.successful}
        if not unready:
            return
        told = {each: self.rows[each].readiness for each in unready}
        stories = "\n".join(story if len(told) == 1 else f"{each}: {story}" for each, story in told.items())
        others = [str(each) for each, verdict in verdicts.items() if not verdict.done]
        rest = f"\nNot waited for any longer: {', '.join(others)}" if others else ""
        names = ", ".join(str(each) for each in unready)
        raise SetFailed(f"{names} did not get ready", self.rows.values(), why=stories + rest)
