"""A Job is done when it is complete or has failed; a suspended one has nothing to wait for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
    condition,
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

COMPLETE = "complete"


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Failed with the reason its controller gives (BackoffLimitExceeded, DeadlineExceeded)."""
    if is_true(body, "Complete"):
        return ready(COMPLETE)
    # FailureTarget comes first: pods are still being ended, but the outcome stands.
    for kind in ("Failed", "FailureTarget"):
        if is_true(body, kind):
            found = condition(body, kind) or {}
            return failed(f"{found.get('reason', 'failed')}: {found.get('message', '')}".rstrip(": "))
    if body["spec"].get("suspend"):
        return ready("suspended")
    status = status_of(body)
    active, lost = status.get("active", 0), status.get("failed", 0)
    return waiting(f"{active} pod{'' if active == 1 else 's'} active" + (f", {lost} failed" if lost else ""))
