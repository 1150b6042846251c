"""A Service is ready at once; one of type LoadBalancer, when it has an address."""

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
    """Whether somebody can connect depends on its pods, which are waited for by their workload."""
    if body["spec"].get("type") != "LoadBalancer" or body["spec"].get("externalIPs"):
        return ready()
    addresses = (status_of(body).get("loadBalancer") or {}).get("ingress") or []
    return ready("has an address") if addresses else waiting("the load balancer has no address yet")
