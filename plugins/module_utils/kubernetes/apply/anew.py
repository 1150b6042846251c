"""Described objects that are being deleted: that cannot be stopped, so they are waited for and then made anew."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.leaving import is_leaving
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any


def leaving_among(references: Iterable[Reference], live: Mapping[Reference, JSON]) -> dict[Reference, JSON]:
    """Those live objects that are being deleted, or lie in one of these namespaces that is."""
    seen = {each: live[each] for each in references if each in live}
    leaving = {each: body for each, body in seen.items() if is_leaving(body)}
    namespaces = _namespaces(leaving)
    return leaving | {each: body for each, body in seen.items() if each.namespace in namespaces}


def expected_gone(live: Mapping[Reference, JSON], names: Container[str]) -> dict[Reference, JSON]:
    """Those live objects that an earlier task is to delete, and in check mode has not."""
    return {each: body for each, body in live.items() if body is not None and str(each) in names}


def predict_anew(manifests: Iterable[Manifest], leaving: Mapping[Reference, JSON]) -> dict[Reference, Prediction]:
    """Predictions for what is to be made anew. The server cannot be asked: it would look at the object that leaves."""
    namespaces = _namespaces(leaving)
    return {
        manifest.reference: Prediction(manifest, Action.CREATED, None, manifest.body, reason=_reason(manifest, leaving))
        for manifest in manifests
        if manifest.reference in leaving or manifest.reference.namespace in namespaces
    }


def _namespaces(leaving: Iterable[Reference]) -> set[str]:
    return {each.name for each in leaving if each.kind == "Namespace"}


def _reason(manifest: Manifest, leaving: Mapping[Reference, JSON]) -> str:
    body = leaving.get(manifest.reference)
    if body is None:
        return ""
    since = body["metadata"].get("deletionTimestamp")
    if since:
        what = f"it is being deleted since {since}"
    elif manifest.reference.namespace in _namespaces(leaving):
        what = "its namespace is being deleted"
    else:
        what = "somebody else made it, so it is to be deleted"
    return f"{what}, and made anew once it is gone"
