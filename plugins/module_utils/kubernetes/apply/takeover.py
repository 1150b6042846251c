"""Fields that `kubectl apply` set once and that are applied from here now: kubectl lets go of them.

Both managers would hold such a field, so that it stayed when it leaves our description. What only kubectl set stays
kubectl's. As client-go's csaupgrade does, the entry in managedFields is rewritten, guarded by the resourceVersion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import (
    Fields,
    applied_by,
    entries,
    has_parts,
    meet,
    parts,
    without,
)

JSON = Any

KUBECTL = "kubectl-client-side-apply"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_TRIES = 5
_BARE: Fields = {".": {}}


def is_due(live: Mapping[str, JSON], manager: str) -> bool:
    """Whether `manager` applies fields that `kubectl apply` holds too, or took its last one."""
    kubectl = [entry for entry in entries(live) if _is_kubectl(entry)]
    ours = applied_by(live, manager) if kubectl else None
    if ours is None:
        return False
    return any(
        meet(entry.get("fieldsV1") or {}, ours.get("fieldsV1") or {}) or not _rest(entry, ours) for entry in kubectl
    )


def taken_over(live: Mapping[str, JSON], manager: str) -> Mapping[str, JSON]:
    """The object as it is once kubectl has let go of what `manager` applies; the same where nothing is due."""
    ours = applied_by(live, manager)
    if ours is None or not is_due(live, manager):
        return live
    annotations = {
        key: value for key, value in (live["metadata"].get("annotations") or {}).items() if key != LAST_APPLIED
    }
    metadata = {key: value for key, value in live["metadata"].items() if key != "annotations"}
    metadata["managedFields"] = _entries_without(live, ours)
    if annotations:
        metadata["annotations"] = annotations
    return {**live, "metadata": metadata}


def take_over(cluster: Cluster, path: str, live: Mapping[str, JSON], manager: str) -> Mapping[str, JSON]:
    """Writes what `taken_over` gives. live: the object as the apply left it."""
    for _try in range(_TRIES):
        if not is_due(live, manager):
            return live
        try:
            answer: Mapping[str, JSON] = cluster.request(
                "PATCH",
                path,
                query={"fieldManager": manager},
                body=_patch(live, manager),
                content_type="application/json-patch+json",
            )
            return answer
        except ApiError as error:
            if error.status not in (409, 422):
                raise
            last = error
            live = cluster.request("GET", path)  # somebody wrote meanwhile
    raise last


def _patch(live: Mapping[str, JSON], manager: str) -> list[dict[str, JSON]]:
    after = taken_over(live, manager)["metadata"]
    patch: list[dict[str, JSON]] = [
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]
    if LAST_APPLIED in (live["metadata"].get("annotations") or {}):
        patch.append({"op": "remove", "path": f"/metadata/annotations/{LAST_APPLIED.replace('/', '~1')}"})
    return [*patch, {"op": "replace", "path": "/metadata/managedFields", "value": after["managedFields"]}]


def _entries_without(live: Mapping[str, JSON], ours: Mapping[str, JSON]) -> list[Mapping[str, JSON]]:
    kept = []
    for entry in entries(live):
        if not _is_kubectl(entry):
            kept.append(entry)
        elif rest := _rest(entry, ours):
            kept.append({**entry, "fieldsV1": rest})
    return kept


def _rest(entry: Mapping[str, JSON], ours: Mapping[str, JSON]) -> Fields:
    """What kubectl still holds: neither what is ours, nor the annotation that goes."""
    rest = without(entry.get("fieldsV1") or {}, ours.get("fieldsV1") or {})
    rest = _without_bare(without(rest, {"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}}}}))
    return rest if _is_more_than_containers(rest, ours.get("fieldsV1") or {}) else {}


def _is_more_than_containers(fields: Fields, ours: Fields) -> bool:
    """Whether there is anything but mappings and lists whose parts are ours."""
    return any(
        not has_parts(ours.get(key, {})) if not has_parts(below) else _is_more_than_containers(below, ours.get(key, {}))
        for key, below in parts(fields)
    )


def _without_bare(fields: Fields) -> Fields:
    """Without mappings and lists of which nothing but the bare container is left."""
    tidied = {key: _without_bare(below) for key, below in fields.items()}
    return {key: below for key, below in tidied.items() if not fields[key] or below not in ({}, _BARE)}


def _is_kubectl(entry: Mapping[str, JSON]) -> bool:
    return entry["manager"] == KUBECTL and entry["operation"] == "Update" and not entry.get("subresource")
