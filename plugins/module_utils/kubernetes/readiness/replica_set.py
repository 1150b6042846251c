"""A ReplicaSet or ReplicationController is ready when all its replicas are available."""

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
    """Done when scaled: it never replaces pods, so older ones of another template will do."""
    if not is_observed(body):
        return waiting("the change is not seen yet")
    status, wanted = status_of(body), body["spec"].get("replicas", 1)
    available = status.get("availableReplicas", 0)
    if available < wanted:
        return waiting(f"{available} of {wanted} replicas available")
    if status.get("replicas", 0) > wanted:
        return waiting(f"{status['replicas'] - wanted} replicas too many are ending")
    return ready(f"{available} of {wanted} replicas available")
