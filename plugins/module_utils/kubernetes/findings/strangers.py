"""Objects that nobody described: of the kinds and in the namespaces of a set, and no controller's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.listing import PAGE, pages
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import (
    Resource,
    Resources,
    UnknownKind,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import Finding, State
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.hands import is_controller, maker
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import Identity, identity
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.prune import owner_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import entries
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any
Body = Mapping[str, JSON]
Place = tuple[Resource, str]

# What every namespace has, and what tools keep as their own memory.
_CLUSTERS_OWN = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default"), ("Service", "kubernetes")})
_SECRETS_OF_TOOLS = frozenset({"kubernetes.io/service-account-token", "helm.sh/release.v1"})


def places(references: Iterable[Reference], resources: Resources, shared: frozenset[str]) -> list[Place]:
    """Where strangers are looked for: each kind in each namespace of the set. shared: namespaces others use too."""
    found: dict[Place, None] = {}
    for reference in references:
        if not reference.namespace or reference.namespace in shared:
            continue
        try:
            found[resources.find(reference.api_version, reference.kind), reference.namespace] = None
        except UnknownKind:
            continue
    return list(found)


def strangers_at(cluster: Cluster, place: Place, known: frozenset[Identity], ours: str) -> list[Result]:
    """The rows of objects in one place that nobody described. Raises ApiError, Unreachable."""
    resource, namespace = place
    found = [item for items, _page in pages(cluster, resource, namespace, {"limit": PAGE}) for item in items]
    return [_row(body) for body in found if identity(Reference.of(body)) not in known and is_stranger(body, ours)]


def is_stranger(body: Body, ours: str) -> bool:
    """Whether nobody of us made it, and no controller, nor the cluster itself."""
    metadata = body["metadata"]
    if metadata.get("ownerReferences") or metadata.get("deletionTimestamp") or owner_of(body):
        return False
    if (body["kind"], metadata["name"]) in _CLUSTERS_OWN or body.get("type") in _SECRETS_OF_TOOLS:
        return False
    hands = entries(body)
    return not any(entry["manager"] == ours for entry in hands) and not all(is_controller(entry) for entry in hands)


def _row(body: Body) -> Result:
    hand = maker(body) or {}
    finding = Finding(
        State.EXTRA, manager=str(hand.get("manager") or ""), time=str(body["metadata"].get("creationTimestamp") or "")
    )
    return Result(Reference.of(body), Action.UNCHANGED, findings=[finding])
