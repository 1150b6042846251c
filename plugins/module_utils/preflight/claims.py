"""What a claim that is there already will not take: another class, less space, more where its class cannot grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding
from ansible_collections.mlops.tracking.plugins.module_utils.storage.size import size_in_bytes

JSON = Any


def find_claim(cluster: Cluster, namespace: str, name: str) -> JSON | None:
    """The live PersistentVolumeClaim, or None where there is none."""
    return cluster.get(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}")


def unchangeable_claims(cluster: Cluster, wanted: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """`wanted`: variable and name of the class, namespace, claim, and (where known) size_variable and size."""
    found: list[Finding] = []
    for want in wanted:
        claim = find_claim(cluster, str(want.get("namespace")), str(want.get("claim")))
        if claim is not None:
            found += refused_changes(want, claim, lambda name: _can_grow(cluster, name))
    return found


def refused_changes(want: Mapping[str, Any], claim: Mapping[str, JSON], can_grow: Any) -> list[Finding]:
    """`can_grow(class)` is asked only where the claim would grow. Kubernetes' own answer would name no variable."""
    called = f"PersistentVolumeClaim {want['namespace']}/{want['claim']}"
    found = []
    spec, capacity = claim["spec"], claim.get("status", {}).get("capacity", {}).get("storage")
    storage_class = str(spec.get("storageClassName") or "")
    if want.get("name") and want["name"] != storage_class:
        why = f"{called} has the class {storage_class or 'of no name'}, which cannot change to {want['name']}"
        mend = f"Leave {want['variable']} at {storage_class or 'the empty text'}; another class needs a new claim"
        found.append(Finding(f"Variable {want['variable']}", why, mend))
    if not want.get("size"):
        return found
    variable, held = str(want["size_variable"]), str(capacity or spec["resources"]["requests"]["storage"])
    try:
        difference = size_in_bytes(str(want["size"])) - size_in_bytes(held)
    except ValueError:
        return found  # the role's own rule says so
    if difference < 0:
        why = f"{called} has {held}, and no claim can shrink to {want['size']}"
        found.append(Finding(f"Variable {variable}", why, f"Set {variable} to at least {held}"))
    if difference > 0 and not can_grow(storage_class):
        why = f"{called} has {held}, and its class {storage_class or 'of no name'} cannot let it grow to {want['size']}"
        found.append(Finding(f"Variable {variable}", why, f"Set {variable} to {held}, or allow the class to expand"))
    return found


def _can_grow(cluster: Cluster, name: str) -> bool:
    storage_class = cluster.get(f"/apis/storage.k8s.io/v1/storageclasses/{name}") if name else None
    return bool((storage_class or {}).get("allowVolumeExpansion"))
