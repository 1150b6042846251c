"""A CronJob is ready when it exists: its Jobs come when their time comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness, ready

JSON = Any


def assess(body: Mapping[str, JSON]) -> Readiness:
    """Done at once; a suspended one says so."""
    return ready("suspended" if body["spec"].get("suspend") else f"runs at {body['spec']['schedule']}")
