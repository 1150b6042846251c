"""Deleting objects in reverse order; what holds data stays unless it is named."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.explain import explained, told_together
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import send_delete
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result, SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.rows import Rows, begun
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.stages import in_stages
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.parallel import for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.gone import until_gone
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.leaving import what_holds
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.prune import (
    why_kept,
    why_only_named_so,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference, named
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any


def predict_absent(
    cluster: Cluster,
    manifests: Sequence[Manifest],
    live: Mapping[Reference, JSON],
    also_delete: frozenset[str],
    inventory: str = "",
    field_manager: str = "",
) -> list[Prediction]:
    """What a deletion would do to each described object. also_delete: the kinds that hold data and go as well.

    inventory: the set's own, as `namespace/name`; with one, an object stays that belongs to another by now, or that
    somebody else made under the same name: field_manager has never applied it.
    """
    predictions = []
    for manifest in manifests:
        seen = live.get(manifest.reference)
        if seen is None:
            predictions.append(Prediction(manifest, Action.ABSENT, None, None))
            continue
        reason = why_only_named_so(seen, inventory, field_manager) if inventory else ""
        predictions.append(predict_deletion(manifest, seen, reason or why_it_stays(cluster, seen, also_delete)))
    return predictions


def predict_deletion(manifest: Manifest, live: Mapping[str, JSON], reason: str) -> Prediction:
    """The prediction for an object that is there. reason: why it is kept; empty when it is deleted."""
    if reason:
        return Prediction(manifest, Action.KEPT, live, live, reason=reason)
    return Prediction(manifest, Action.DELETED, live, None)


def why_it_stays(cluster: Cluster, live: Mapping[str, JSON], also_delete: frozenset[str]) -> str:
    """Why an object is not deleted with its set; empty when it is.

    A namespace takes the claims in it along, so one that holds claims goes only if both kinds are named.
    """
    reason = why_kept(live, also_delete)
    if not reason and live["kind"] == "Namespace" and "PersistentVolumeClaim" not in also_delete:
        path = f"/api/v1/namespaces/{live['metadata']['name']}/persistentvolumeclaims"
        if cluster.request("GET", path, query={"limit": 1})["items"]:
            return "there are claims in it; also_delete does not name PersistentVolumeClaim"
    return reason


@dataclass
class Deletion:
    """One run that deletes objects, stage after stage, each gone before the next is touched."""

    cluster: Cluster
    resources: Resources
    mask: Mask
    threads: int
    wait_seconds: float  # 0: not waited for
    progress: Progress

    def delete(self, predictions: Sequence[Prediction]) -> list[Result]:
        """Deletes what was predicted. Raises SetFailed with every object's result."""
        rows = begun(predictions)
        self.carry_out(predictions, rows)
        return list(rows.values())

    def carry_out(self, predictions: Sequence[Prediction], rows: Rows) -> None:
        """Deletes what was predicted and notes it in `rows`. Raises SetFailed with all of these."""
        by_reference = {prediction.reference: prediction for prediction in predictions}
        deadline = time.monotonic() + self.wait_seconds
        for stage in reversed(in_stages(prediction.manifest for prediction in predictions)):
            doomed = [by_reference[each.reference] for each in stage]
            doomed = [each for each in doomed if each.action is Action.DELETED]
            self._delete(doomed, rows)
            if doomed and self.wait_seconds:
                self._await_gone(doomed, rows, deadline)

    def _delete(self, doomed: Sequence[Prediction], rows: Rows) -> None:
        outcomes = for_each(self._delete_one, doomed, self.threads)
        for outcome in outcomes:
            row = rows[outcome.item.reference]
            row.action, row.seconds, row.tries = Action.DELETED, outcome.seconds, outcome.value or 1
            if outcome.error is not None:
                row.note_failure(outcome.error, explained(outcome.item.reference, outcome.error, self.mask))
        failed = {each.reference: rows[each.reference] for each in doomed if rows[each.reference].error}
        if failed:
            raise SetFailed("Not every object could be deleted", rows.values(), why=told_together(failed))

    def _delete_one(self, prediction: Prediction) -> int:
        """Deletes it, if it is still there; answers with how many tries that took."""
        reference, live = prediction.reference, prediction.live
        resource = self.resources.find(reference.api_version, reference.kind)
        try:
            if live is not None:
                send_delete(self.cluster, resource, live, prediction.manifest)
        except ApiError as error:
            if error.status != 404:
                raise
        return self.cluster.tries

    def _await_gone(self, doomed: Sequence[Prediction], rows: Rows, deadline: float) -> None:
        bodies = {each.reference: each.live for each in doomed if each.live is not None}
        left = until_gone(self.cluster, self.resources, bodies, self.threads, deadline, self.progress)
        for reference in bodies:
            rows[reference].readiness = "still there" if reference in left else "gone"
        if left:
            raise SetFailed(
                f"{named(list(left))} did not go away",
                rows.values(),
                why=f"still there after {self.wait_seconds:g} s; {what_holds(left)}",
            )
