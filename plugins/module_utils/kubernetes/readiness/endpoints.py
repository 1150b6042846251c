"""Whether somebody answers behind a Service, by its EndpointSlices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

JSON = Any
Body = Mapping[str, JSON]

SERVICE_LABEL = "kubernetes.io/service-name"
WEBHOOK_KINDS = frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"})


def services_behind(body: Body) -> list[tuple[str, str]]:
    """The Services, as namespace and name, whose endpoints the readiness of this object depends on."""
    if body["kind"] == "Service":
        return [(body["metadata"]["namespace"], body["metadata"]["name"])]
    if body["kind"] not in WEBHOOK_KINDS:
        return []
    services = [webhook["clientConfig"].get("service") for webhook in body.get("webhooks") or []]
    return sorted({(service["namespace"], service["name"]) for service in services if service})


def count_ready(slices: Iterable[Body]) -> int:
    """How many addresses take connections on a port."""
    return sum(
        len(endpoint.get("addresses") or [])
        for each in slices
        if each.get("ports")
        for endpoint in each.get("endpoints") or []
        if (endpoint.get("conditions") or {}).get("ready") is not False
    )
