"""A PodDisruptionBudget is ready when as many of its pods are healthy as it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
    condition,
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
    """One without pods has nothing to wait for: they may come later, or be scaled to nothing."""
    allowed = condition(body, "DisruptionAllowed") or {}
    if allowed.get("reason") == "SyncFailed":
        return waiting(f"its pods cannot be counted: {allowed.get('message', '')}")
    status = status_of(body)
    if not status or not is_observed(body):
        return waiting("the change is not seen yet")
    if not status.get("expectedPods"):
        return ready("there are no pods it protects")
    healthy, desired = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
    told = f"{healthy} pods healthy, {desired} needed"
    return ready(told) if healthy >= desired else waiting(told)
