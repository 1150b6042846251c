"""Which file answers for which kind."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import Rule, rule_for
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness, failed

if TYPE_CHECKING:  # so that Ansible, which reads imports, packs them: a set needs but few of them
    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness import (  # noqa: F401
        api_service,
        cron_job,
        custom_resource_definition,
        daemon_set,
        deployment,
        horizontal_pod_autoscaler,
        job,
        namespace,
        persistent_volume,
        persistent_volume_claim,
        pod,
        pod_disruption_budget,
        replica_set,
        resource_quota,
        service,
        stateful_set,
        unknown_kind,
        webhook,
    )

JSON = Any
Body = Mapping[str, JSON]

_BY_ITSELF: Mapping[tuple[str, str], str] = {
    ("", "Namespace"): "namespace",
    ("", "PersistentVolume"): "persistent_volume",
    ("", "Pod"): "pod",
    ("", "ReplicationController"): "replica_set",
    ("", "ResourceQuota"): "resource_quota",
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "custom_resource_definition",
    ("apiregistration.k8s.io", "APIService"): "api_service",
    ("apps", "DaemonSet"): "daemon_set",
    ("apps", "Deployment"): "deployment",
    ("apps", "ReplicaSet"): "replica_set",
    ("apps", "StatefulSet"): "stateful_set",
    ("autoscaling", "HorizontalPodAutoscaler"): "horizontal_pod_autoscaler",
    ("batch", "CronJob"): "cron_job",
    ("batch", "Job"): "job",
    ("policy", "PodDisruptionBudget"): "pod_disruption_budget",
}
_BY_SURROUNDINGS: Mapping[tuple[str, str], str] = {
    ("", "PersistentVolumeClaim"): "persistent_volume_claim",
    ("", "Service"): "service",
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): "webhook",
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): "webhook",
}


def assess(reference: Reference, body: Body, around: Surroundings, rules: Sequence[Rule] = ()) -> Readiness:
    """The readiness of any object: by the user's rule for it, else by its kind's file."""
    verdict = _assess(reference, body, around, rules)
    since = body["metadata"].get("deletionTimestamp")
    if since is None or reference.kind == "Namespace" or (reference.kind == "Job" and verdict.done):
        return verdict
    holders = ", ".join(body["metadata"].get("finalizers") or [])
    return failed(f"it is being deleted since {since}" + (f", held by {holders}" if holders else ""))


def _assess(reference: Reference, body: Body, around: Surroundings, rules: Sequence[Rule]) -> Readiness:
    rule = rule_for(rules, reference.kind, reference.name)
    if rule is not None:
        return rule.assess(body)
    key = (reference.group, reference.kind)
    if key in _BY_SURROUNDINGS:
        verdict: Readiness = _file(_BY_SURROUNDINGS[key]).assess(body, around)
    else:
        verdict = _file(_BY_ITSELF.get(key, "unknown_kind")).assess(body)
    return verdict


def _file(name: str) -> Any:
    return importlib.import_module(f"{__package__}.{name}")
