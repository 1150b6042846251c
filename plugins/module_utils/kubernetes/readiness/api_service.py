"""An APIService is ready when the API server reaches the server behind it."""

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
    """Not Available says why: no such Service, no endpoints, discovery failed. All of these may still pass."""
    if is_true(body, "Available"):
        return ready("available")
    found = condition(body, "Available") or {}
    reason = f"{found.get('reason', '')}: {found.get('message', '')}".strip(": ")
    return waiting(f"not available: {reason}" if reason else "not available yet")
