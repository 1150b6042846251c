"""A StatefulSet is ready when every replica is ready and runs the newest revision."""

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
    """Done when rolled out; with updateStrategy OnDelete, when the replicas there are are ready."""
    if not is_observed(body):
        return waiting("the change is not seen yet")
    spec, status = body["spec"], status_of(body)
    wanted = spec.get("replicas", 1)
    strategy = spec.get("updateStrategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    if strategy.get("type") != "OnDelete":
        to_update = max(0, wanted - rolling.get("partition", 0))
        updated = status.get("updatedReplicas", 0)
        if status.get("currentRevision") == status.get("updateRevision"):
            updated = max(updated, status.get("currentReplicas", 0))
        if updated < to_update:
            return waiting(f"{updated} of {to_update} replicas updated")
    # With minReadySeconds, a replica counts only once it was ready for so long.
    word, count = ("available", "availableReplicas") if spec.get("minReadySeconds") else ("ready", "readyReplicas")
    are_ready = status.get(count, 0)
    if are_ready < wanted:
        return waiting(f"{are_ready} of {wanted} replicas {word}")
    if status.get("replicas", 0) > wanted:
        return waiting(f"{status['replicas'] - wanted} replicas too many are ending")
    return ready(f"{are_ready} of {wanted} replicas {word}")
