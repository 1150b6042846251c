"""A PersistentVolumeClaim is ready when bound, or when it waits for its first consumer as its class wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import status_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    failed,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON], around: Surroundings) -> Readiness:
    """Where the storage classes may not be read it is not waited for: its pod soon says that it is not scheduled."""
    phase = status_of(body).get("phase", "Pending")
    if phase == "Bound":
        return ready("bound")
    if phase == "Lost":
        return failed("its volume is lost")
    late = around.late_binding_classes()
    if late is None or body["spec"].get("storageClassName", "") in late:
        return ready("bound with its first pod")
    return waiting("not bound to a volume yet")
