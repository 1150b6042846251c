"""Putting right what was found of named objects: their fields as described, and without what others added.

Nothing is deleted, nothing that holds data is touched, and no value is generated anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.difference import differences
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import (
    PlannedSet,
    SetCall,
    SetOptions,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.foreign import extra_paths, remove
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.look import Look, Scope, looking
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.prune import HOLDS_DATA

JSON = Any


def plan_correction(cluster: Cluster, documents: str, options: SetOptions, only: Sequence[str]) -> PlannedSet:
    """Plans to put those objects of a set right that `only` names (`Deployment monitoring/mlflow`)."""
    look = Look(SetCall(cluster, documents, looking(options)), Scope())
    predictions, rows = look.described()
    drifted = {row.reference for row in rows if row.findings}
    chosen = [each for each in predictions if each.reference in drifted and _may_be_written(each, only)]
    correction = _Correction(look.call, chosen)
    is_change = bool(chosen)
    shown = differences(chosen, look.call.mask) if options.diff else []
    return PlannedSet([_row(each) for each in chosen], is_change, shown, correction.carry_out)


def _may_be_written(prediction: Prediction, only: Sequence[str]) -> bool:
    reference = prediction.reference
    return str(reference) in only and reference.kind not in HOLDS_DATA and not prediction.manifest.open_keys


def _row(prediction: Prediction) -> Result:
    action = prediction.action if prediction.action.writes else Action.CHANGED
    return Result(prediction.reference, action, prediction.changes)


class _Correction:
    def __init__(self, call: SetCall, chosen: Sequence[Prediction]) -> None:
        self.call, self.chosen = call, chosen

    def carry_out(self) -> list[Result]:
        """Applies what differs, takes away what others added, and waits. Raises SetFailed."""
        application = self.call.application()
        rows = application.begin(self.chosen)
        application.apply(self.chosen)
        for prediction in self.chosen:
            if self._without_extras(prediction):
                rows[prediction.reference].action = Action.CHANGED
        application.await_all()
        return list(rows.values())

    def _without_extras(self, prediction: Prediction) -> bool:
        call, manifest = self.call, prediction.manifest
        ours = call.options.how.field_manager
        path = call.resources.find(manifest.reference.api_version, manifest.reference.kind).path(manifest.reference)
        live = call.cluster.get(path)
        if live is None:
            return False
        extras = [extra.path for extra in extra_paths(call.cluster, path, manifest.body, live, ours)]
        if extras:
            remove(call.cluster, path, live, extras, ours)
        return bool(extras)
