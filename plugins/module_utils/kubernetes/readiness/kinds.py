"""Which file answers for which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness import (
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
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import Rule, rule_for
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness, failed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference

JSON = Any
Body = Mapping[str, JSON]

_BY_ITSELF: Mapping[tuple[str, str], Callable[[Body], Readiness]] = {
    ("", "Namespace"): namespace.assess,
    ("", "PersistentVolume"): persistent_volume.assess,
    ("", "Pod"): pod.assess,
    ("", "ReplicationController"): replica_set.assess,
    ("", "ResourceQuota"): resource_quota.assess,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): custom_resource_definition.assess,
    ("apiregistration.k8s.io", "APIService"): api_service.assess,
    ("apps", "DaemonSet"): daemon_set.assess,
    ("apps", "Deployment"): deployment.assess,
    ("apps", "ReplicaSet"): replica_set.assess,
    ("apps", "StatefulSet"): stateful_set.assess,
    ("autoscaling", "HorizontalPodAutoscaler"): horizontal_pod_autoscaler.assess,
    ("batch", "CronJob"): cron_job.assess,
    ("batch", "Job"): job.assess,
    ("policy", "PodDisruptionBudget"): pod_disruption_budget.assess,
}
_BY_SURROUNDINGS: Mapping[tuple[str, str], Callable[[Body, Surroundings], Readiness]] = {
    ("", "PersistentVolumeClaim"): persistent_volume_claim.assess,
    ("", "Service"): service.assess,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): webhook.assess,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): webhook.assess,
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
        return _BY_SURROUNDINGS[key](body, around)
    return _BY_ITSELF.get(key, unknown_kind.assess)(body)
