"""A PersistentVolumeClaim is ready when bound, or when it waits for its first consumer as its class wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import status_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    failed,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON], *, waits_for_consumer: bool) -> Readiness:
    """waits_for_consumer: its storage class binds with the first pod (WaitForFirstConsumer)."""
    phase = status_of(body).get("phase", "Pending")
    if phase == "Bound":
        return ready("bound")
    if phase == "Lost":
        return failed("its volume is lost")
    if waits_for_consumer:
        return ready("bound with its first pod")
    return waiting("not bound to a volume yet")
