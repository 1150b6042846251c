"""Deleting a set of objects in reverse order; what holds data stays unless it is named."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.explain import explained
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.live import read_live
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.parallel import for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.request import send_delete
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.results import Action, Result, SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.stages import in_stages

JSON = Any

# Deleting these deletes data: a namespace and a CRD take all that is in them along.
HOLDS_DATA = frozenset({"CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"})
_PAUSE = 0.2


def predict_absent(
    cluster: Cluster, manifests: Sequence[Manifest], live: Mapping[Reference, JSON], also_delete: frozenset[str]
) -> list[Prediction]:
    """What a deletion would do to each object. also_delete: the kinds among HOLDS_DATA that go as well.

    A namespace takes the claims in it along, so one that holds claims goes only if both kinds are named.
    """
    predictions = []
    for manifest in manifests:
        seen = live.get(manifest.reference)
        kind = manifest.reference.kind
        if seen is None:
            predictions.append(Prediction(manifest, Action.ABSENT, None, None))
        elif kind in HOLDS_DATA and (kind not in also_delete or _holds_claims(cluster, manifest, also_delete)):
            predictions.append(Prediction(manifest, Action.KEPT, seen, seen))
        else:
            predictions.append(Prediction(manifest, Action.DELETED, seen, None))
    return predictions


def _holds_claims(cluster: Cluster, manifest: Manifest, also_delete: frozenset[str]) -> bool:
    if manifest.reference.kind != "Namespace" or "PersistentVolumeClaim" in also_delete:
        return False
    path = f"/api/v1/namespaces/{manifest.reference.name}/persistentvolumeclaims"
    return bool(cluster.request("GET", path, query={"limit": 1})["items"])


@dataclass
class Deletion:
    """One run that deletes a set, stage after stage, each gone before the next is touched."""

    cluster: Cluster
    resources: Resources
    mask: Mask
    threads: int
    wait_seconds: float  # 0: not waited for

    def carry_out(self, predictions: Sequence[Prediction]) -> list[Result]:
        """Deletes what was predicted. Raises SetFailed with every object's result."""
        by_reference = {prediction.reference: prediction for prediction in predictions}
        rows = {each.reference: Result(each.reference, each.action) for each in predictions}
        deadline = time.monotonic() + self.wait_seconds
        for stage in reversed(in_stages(prediction.manifest for prediction in predictions)):
            doomed = [by_reference[each.reference] for each in stage]
            doomed = [each for each in doomed if each.action is Action.DELETED]
            self._delete(doomed, rows)
            self._await_gone([each.reference for each in doomed], rows, deadline)
        return list(rows.values())

    def _delete(self, doomed: Sequence[Prediction], rows: Mapping[Reference, Result]) -> None:
        outcomes = for_each(self._delete_one, doomed, self.threads)
        for outcome in outcomes:
            row = rows[outcome.item.reference]
            row.seconds, row.tries = outcome.seconds, getattr(outcome.error, "tries", 1)
            if outcome.error is not None:
                row.action, row.error = Action.FAILED, explained(outcome.item.reference, outcome.error, self.mask)
        stories = [row.error for row in rows.values() if row.error]
        if stories:
            raise SetFailed("Not every object could be deleted", rows.values(), why=" ".join(stories))

    def _delete_one(self, prediction: Prediction) -> None:
        reference, live = prediction.reference, prediction.live
        resource = self.resources.find(reference.api_version, reference.kind)
        try:
            if live is not None:
                send_delete(self.cluster, resource, live, prediction.manifest)
        except ApiError as error:
            if error.status != 404:
                raise

    def _await_gone(self, references: Sequence[Reference], rows: Mapping[Reference, Result], deadline: float) -> None:
        remaining = list(references)
        while remaining and self.wait_seconds:
            seen = read_live(self.cluster, self.resources, remaining, self.threads)
            remaining = [reference for reference in remaining if reference in seen]
            for reference in references:
                rows[reference].readiness = "still there" if reference in seen else "gone"
            if not remaining:
                return
            if time.monotonic() >= deadline:
                raise SetFailed(
                    f"{', '.join(str(each) for each in remaining)} did not go away",
                    rows.values(),
                    why=f"still there after {self.wait_seconds:g} s; {_finalizers(seen)}",
                )
            time.sleep(_PAUSE)


def _finalizers(seen: Mapping[Reference, JSON]) -> str:
    held = [
        f"{reference} is held by {', '.join(body['metadata']['finalizers'])}"
        for reference, body in seen.items()
        if body["metadata"].get("finalizers")
    ]
    return "; ".join(held) or "no finalizer holds them"
