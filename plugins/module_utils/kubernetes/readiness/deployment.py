"""A Deployment is ready when every replica runs the newest template and no old one is left.

As `kubectl rollout status` has it.
"""

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
    failed,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Done when rolled out, or paused; failed when its progress deadline has passed."""
    if body["spec"].get("paused"):
        return ready("paused")
    if not is_observed(body):
        return waiting("the change is not seen yet")
    progressing = condition(body, "Progressing")
    if progressing and progressing.get("reason") == "ProgressDeadlineExceeded":
        return failed("its progress deadline has passed")
    status, wanted = status_of(body), body["spec"].get("replicas", 1)
    updated = status.get("updatedReplicas", 0)
    if updated < wanted:
        return waiting(f"{updated} of {wanted} replicas updated")
    if status.get("replicas", 0) > updated:
        return waiting(f"{status['replicas'] - updated} old replicas are ending")
    available = status.get("availableReplicas", 0)
    if available < updated:
        return waiting(f"{available} of {updated} replicas available")
    return ready(f"{available} of {wanted} replicas available")
