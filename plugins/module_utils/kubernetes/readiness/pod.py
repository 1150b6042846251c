"""A Pod is ready by its own condition; one that ends and is not restarted, when it succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
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
    """Done when ready, succeeded or failed."""
    phase = status_of(body).get("phase", "Pending")
    if phase == "Succeeded":
        return ready("succeeded")
    if phase == "Failed":
        return failed(str(status_of(body).get("message") or status_of(body).get("reason") or "failed"))
    return ready() if is_true(body, "Ready") else waiting(f"{phase}, not ready")
