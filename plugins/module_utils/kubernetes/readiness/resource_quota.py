"""A ResourceQuota is ready when it has counted what is used: until then every new pod is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import status_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Done when its status has the limits of its spec."""
    wanted, counted = body["spec"].get("hard") or {}, status_of(body).get("hard") or {}
    return ready("counted") if wanted.keys() == counted.keys() else waiting("what is used is not counted yet")
