"""Which file answers for which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness import (
    custom_resource_definition,
    daemon_set,
    deployment,
    job,
    namespace,
    persistent_volume_claim,
    pod,
    service,
    stateful_set,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness, ready

JSON = Any
Body = Mapping[str, JSON]

_ASSESSMENTS: Mapping[tuple[str, str], Callable[[Body], Readiness]] = {
    ("", "Namespace"): namespace.assess,
    ("", "Pod"): pod.assess,
    ("", "Service"): service.assess,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): custom_resource_definition.assess,
    ("apps", "DaemonSet"): daemon_set.assess,
    ("apps", "Deployment"): deployment.assess,
    ("apps", "StatefulSet"): stateful_set.assess,
    ("batch", "Job"): job.assess,
}
_CLAIM = ("", "PersistentVolumeClaim")


def is_assessed(group: str, kind: str) -> bool:
    """Whether this kind's readiness is more than being there."""
    return (group, kind) in _ASSESSMENTS or (group, kind) == _CLAIM


def assess(group: str, kind: str, body: Body, late_binding_classes: frozenset[str] | None) -> Readiness:
    """The readiness of any object; kinds without a file are ready when they exist.

    late_binding_classes: the storage classes with WaitForFirstConsumer; None when they may not be read, and a
    claim is then not waited for: its pod says soon enough that it cannot be scheduled.
    """
    if (group, kind) == _CLAIM:
        storage_class = body["spec"].get("storageClassName", "")
        is_late = late_binding_classes is None or storage_class in late_binding_classes
        return persistent_volume_claim.assess(body, waits_for_consumer=is_late)
    assessment = _ASSESSMENTS.get((group, kind))
    return ready("exists") if assessment is None else assessment(body)
