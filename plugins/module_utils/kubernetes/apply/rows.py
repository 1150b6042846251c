"""The rows of a set's return value, made from its predictions."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

Rows = dict[Reference, Result]


def predicted(predictions: Iterable[Prediction]) -> list[Result]:
    """What would be done to each object."""
    return [Result(each.reference, each.action, each.changes, reason=each.reason) for each in predictions]


def begun(predictions: Iterable[Prediction]) -> Rows:
    """Before anything is written: what there is to do is not tried yet."""
    return {
        each.reference: Result(
            each.reference, Action.NOT_TRIED if each.action.writes else each.action, reason=each.reason
        )
        for each in predictions
    }
