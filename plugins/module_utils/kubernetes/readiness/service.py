"""A Service is ready when a pod answers behind it, if its set has pods for it; a load balancer needs an address too.

A Service whose workload is scaled to nothing, or belongs to another set, is not held up by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import status_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.endpoints import count_ready
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    ready,
    waiting,
)

JSON = Any


def assess(body: Mapping[str, JSON], around: Surroundings) -> Readiness:
    """Never fails: whatever it lacks may still come."""
    spec = body["spec"]
    if spec.get("type") == "ExternalName":
        return ready("an external name")
    addresses = (status_of(body).get("loadBalancer") or {}).get("ingress") or []
    if spec.get("type") == "LoadBalancer" and not spec.get("externalIPs") and not addresses:
        return waiting("the load balancer has no address yet")
    if not waits_for_endpoints(body, around):
        return ready("has an address" if addresses else "ready")
    slices = around.slices(body["metadata"]["namespace"], body["metadata"]["name"])
    if slices is None:
        return ready("its endpoints may not be read")
    count = count_ready(slices)
    if count:
        return ready(f"{count} endpoint{'s' if count > 1 else ''} ready")
    has_addresses = any(each.get("endpoints") for each in slices)
    has_ports = any(each.get("ports") for each in slices)
    if has_addresses and not has_ports:
        names = ", ".join(str(port.get("targetPort", port["port"])) for port in spec["ports"])
        return waiting(f"no pod it selects has a port {names}")
    return waiting("none of its endpoints is ready" if has_addresses else "it has no endpoint yet")


def waits_for_endpoints(body: Mapping[str, JSON], around: Surroundings) -> bool:
    """Whether the set itself has a workload that is to answer behind this Service."""
    spec = body["spec"]
    is_reached_by_endpoints = spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName"
    return bool(is_reached_by_endpoints and spec.get("selector") and spec.get("ports")) and around.wants_pods_for(body)
