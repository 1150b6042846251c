"""Under which version an object can be reached that was recorded under one the cluster may serve no longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import (
    Resources,
    UnknownKind,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference


def as_served(cluster: Cluster, resources: Resources, reference: Reference) -> Reference | None:
    """The reference in a version that is served; None where the group has no such kind any more."""
    if _is_served(resources, reference):
        return reference
    if not reference.group:
        return None
    group: Mapping[str, Any] = cluster.get(f"/apis/{reference.group}") or {}
    others = (replace(reference, api_version=each["groupVersion"]) for each in group.get("versions", []))
    return next((other for other in others if _is_served(resources, other)), None)


def _is_served(resources: Resources, reference: Reference) -> bool:
    try:
        resources.find(reference.api_version, reference.kind)
    except UnknownKind:
        return False
    return True
