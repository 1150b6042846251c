"""A PersistentVolume is ready when a claim may have it or has it."""

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


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Failed is what its reclaiming can end in."""
    phase = status_of(body).get("phase", "Pending")
    if phase == "Failed":
        return failed(str(status_of(body).get("message") or "it could not be reclaimed"))
    return waiting("not available yet") if phase == "Pending" else ready(str(phase).lower())
