"""A kind without a file of its own, such as a custom resource, is read by the conventions of conditions.

Stalled, Reconciling and Ready count where they are there; an object without any of them is ready when it exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
    condition,
    is_observed,
    is_true,
    status_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    failed,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Failed when Stalled; never by a Ready that is false, as most controllers try again."""
    generation = body["metadata"].get("generation", 0)
    if "observedGeneration" in status_of(body) and not is_observed(body):
        return waiting("the change is not seen yet")
    if is_true(body, "Stalled"):
        return failed(_told(condition(body, "Stalled")) or "stalled")
    if is_true(body, "Reconciling"):
        return waiting(_told(condition(body, "Reconciling")) or "reconciling")
    found = condition(body, "Ready")
    if found is None:
        return ready("exists")
    if found.get("observedGeneration", generation) < generation:
        return waiting("the change is not seen yet")
    if found.get("status") == "True":
        return ready()
    return waiting(f"not ready: {told}" if (told := _told(found)) else "not ready yet")


def _told(found: Mapping[str, JSON] | None) -> str:
    return f"{(found or {}).get('reason', '')}: {(found or {}).get('message', '')}".strip(": ")
