"""A CustomResourceDefinition is ready when its kind is served; its names may be taken by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
    condition,
    is_true,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    failed,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Done when established, or refused by a conflict of names."""
    if is_true(body, "Established"):
        return ready("established")
    accepted = condition(body, "NamesAccepted")
    if accepted and accepted["status"] == "False" and accepted.get("reason") != "NotAccepted":
        return failed(str(accepted.get("message", "its names are taken")))
    return waiting("not established yet")
