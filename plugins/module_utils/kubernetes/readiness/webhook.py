"""A webhook configuration is ready when each webhook can be called: its Service has an endpoint, its caBundle is there.

Until then the API server refuses what the webhook is for, or lets it pass unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.endpoints import count_ready
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON], around: Surroundings) -> Readiness:
    """A webhook at a URL, outside the cluster, is taken as it is."""
    for webhook in body.get("webhooks") or []:
        service = webhook["clientConfig"].get("service")
        if not service:
            continue
        if not webhook["clientConfig"].get("caBundle"):
            return waiting(f"webhook {webhook['name']} has no caBundle yet")
        slices = around.slices(service["namespace"], service["name"])
        if slices is not None and not count_ready(slices):
            return waiting(
                f"Service {service['namespace']}/{service['name']} of webhook {webhook['name']} has no ready endpoint"
            )
    return ready("can be called")
