"""A DaemonSet is ready when a pod of the newest template is available on every node it is meant for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
    is_observed,
    status_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Done when rolled out; with updateStrategy OnDelete, pods of the old template will do."""
    if not is_observed(body):
        return waiting("the change is not seen yet")
    status = status_of(body)
    wanted = status.get("desiredNumberScheduled", 0)
    strategy = body["spec"].get("updateStrategy") or {}
    updated = status.get("updatedNumberScheduled", 0)
    if strategy.get("type") != "OnDelete" and updated < wanted:
        return waiting(f"{updated} of {wanted} pods updated")
    available = status.get("numberAvailable", 0)
    if available < wanted:
        return waiting(f"{available} of {wanted} pods available")
    return ready(f"{available} of {wanted} pods available")
