"""A Namespace is ready when active; one that is being deleted never will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
    condition,
    status_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    failed,
    ready,
)

JSON = Any


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Done at once, either way."""
    if status_of(body).get("phase") != "Terminating":
        return ready("active")
    remaining = condition(body, "NamespaceContentRemaining") or {}
    return failed(f"it is being deleted. {remaining.get('message', '')}".strip())
