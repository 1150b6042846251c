"""The order in which kinds are made, and in reverse deleted: what others need comes first."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

# Objects of one stage do not need one another, so they go out together.
_STAGES: tuple[frozenset[str], ...] = (
    frozenset({"CustomResourceDefinition", "Namespace"}),
    frozenset(
        {
            "ClusterRole", "ClusterRoleBinding", "ConfigMap", "LimitRange", "NetworkPolicy", "PersistentVolume",
            "PersistentVolumeClaim", "PriorityClass", "ResourceQuota", "Role", "RoleBinding", "Secret", "Service",
            "ServiceAccount", "StorageClass",
        }
    ),
)  # fmt: skip
_WORKLOADS = len(_STAGES)
_LAST = _WORKLOADS + 1
_LAST_KINDS = frozenset({"APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"})

# What the rest of a set cannot do without: it is waited for before the next stage goes out.
AWAITED_AT_ONCE = frozenset({"CustomResourceDefinition", "Namespace"})


def stage_of(reference: Reference) -> int:
    """The number of the stage a kind belongs to. Unknown kinds go with the workloads."""
    if reference.kind in _LAST_KINDS:
        return _LAST
    for number, kinds in enumerate(_STAGES):
        if reference.kind in kinds:
            return number
    return _WORKLOADS


def in_stages(manifests: Iterable[Manifest]) -> list[list[Manifest]]:
    """The manifests by stage, first to last, in their own order within a stage; no stage is empty."""
    stages: dict[int, list[Manifest]] = {}
    for manifest in manifests:
        stages.setdefault(stage_of(manifest.reference), []).append(manifest)
    return [stages[number] for number in sorted(stages)]
