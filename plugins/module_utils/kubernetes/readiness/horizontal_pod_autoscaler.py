"""A HorizontalPodAutoscaler is ready when it can scale what it is for; metrics may come later, or never."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import condition, is_true
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Done when AbleToScale; the message tells when there are no metrics to scale by."""
    able = condition(body, "AbleToScale")
    if able is None:
        return waiting("the change is not seen yet")
    if not is_true(body, "AbleToScale"):
        return waiting(f"it cannot scale: {able.get('message') or able.get('reason', '')}")
    active = condition(body, "ScalingActive") or {}
    if active.get("status") == "False":
        return ready(f"able to scale, but idle: {active.get('message') or active.get('reason', '')}")
    return ready("able to scale")
