"""Each kind's readiness, from statuses as clusters report them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.kinds import assess
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings

JSON = Any

CONDITION = ["ready", "waiting", "failed"]


def body(spec: JSON = None, **status: JSON) -> JSON:
    return {"metadata": {"name": "x", "generation": 2}, "spec": spec or {}, "status": status}


def condition(kind: str, status: str = "True", **more: str) -> JSON:
    return {"conditions": [{"type": kind, "status": status, **more}]}


ROLLED = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
SET = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}
DAEMONS = {"observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3}
TWO = {"replicas": 2}
BALANCER = {"type": "LoadBalancer"}
LATE = {"storageClassName": "late"}
AROUND = Surroundings(lambda: frozenset({"late"}), lambda _namespace, _name: [], lambda _service: False)
NEVER_SEEN = {"metadata": {"name": "x", "generation": 2}, "spec": {"schedule": "@daily", "hard": {"pods": "1"}}}


@pytest.mark.parametrize(
    ("group", "kind", "live", "expected"),
    [
        ("apps", "Deployment", body(TWO, **ROLLED), "ready"),
        ("apps", "Deployment", body(TWO, **{**ROLLED, "observedGeneration": 1}), "waiting: not seen"),
        ("apps", "Deployment", body(TWO, **{**ROLLED, "updatedReplicas": 1}), "waiting: 1 of 2 replicas updated"),
        ("apps", "Deployment", body(TWO, **{**ROLLED, "replicas": 3}), "waiting: 1 old replicas"),
        ("apps", "Deployment", body(TWO, **{**ROLLED, "availableReplicas": 1}), "waiting: 1 of 2 replicas available"),
        ("apps", "Deployment", body({"replicas": 0}, observedGeneration=2), "ready"),
        (
            "apps",
            "Deployment",
            body(TWO, observedGeneration=2, **condition("Progressing", "False", reason="ProgressDeadlineExceeded")),
            "failed: its progress deadline",
        ),
        ("apps", "StatefulSet", body(TWO, **SET), "ready"),
        ("apps", "StatefulSet", body(TWO, **{**SET, "readyReplicas": 1}), "waiting: 1 of 2 replicas ready"),
        ("apps", "StatefulSet", body(TWO, **{**SET, "updatedReplicas": 0}), "waiting: 0 of 2 replicas updated"),
        ("apps", "StatefulSet", body({**TWO, "minReadySeconds": 9}, **SET), "waiting: 0 of 2 replicas available"),
        ("apps", "StatefulSet", body({**TWO, "minReadySeconds": 9}, **SET, availableReplicas=2), "ready: 2 of 2"),
        ("apps", "DaemonSet", body(**DAEMONS), "ready"),
        ("apps", "DaemonSet", body(**{**DAEMONS, "numberAvailable": 2}), "waiting: 2 of 3 pods available"),
        ("batch", "Job", body(**condition("Complete")), "ready"),
        ("batch", "Job", body(**condition("Failed", reason="BackoffLimitExceeded")), "failed: BackoffLimitExceeded"),
        ("batch", "Job", body(**condition("FailureTarget", reason="DeadlineExceeded")), "failed: DeadlineExceeded"),
        ("batch", "Job", body(active=1), "waiting: 1 pod active"),
        ("", "Pod", body(phase="Running", **condition("Ready")), "ready"),
        ("", "Pod", body(phase="Running", **condition("Ready", "False")), "waiting: Running"),
        ("", "Pod", body(phase="Succeeded"), "ready"),
        ("", "Pod", body(phase="Failed", reason="Evicted"), "failed: Evicted"),
        ("", "PersistentVolumeClaim", body(phase="Bound"), "ready"),
        ("", "PersistentVolumeClaim", body(LATE, phase="Pending"), "ready: bound with its first pod"),
        ("", "PersistentVolumeClaim", body({"storageClassName": "now"}, phase="Pending"), "waiting: not bound"),
        ("", "PersistentVolumeClaim", body(phase="Lost"), "failed: its volume is lost"),
        ("", "Service", body(), "ready"),
        ("", "Service", body(BALANCER), "waiting: the load balancer"),
        ("", "Service", body(BALANCER, loadBalancer={"ingress": [{"ip": "192.0.2.1"}]}), "ready"),
        ("", "Namespace", body(phase="Active"), "ready"),
        ("", "Namespace", body(phase="Terminating"), "failed: it is being deleted"),
        ("apiextensions.k8s.io", "CustomResourceDefinition", body(**condition("Established")), "ready"),
        ("apiextensions.k8s.io", "CustomResourceDefinition", body(), "waiting: not established"),
        (
            "apiextensions.k8s.io",
            "CustomResourceDefinition",
            body(**condition("NamesAccepted", "False", reason="PluralConflict", message="taken")),
            "failed: taken",
        ),
        ("apps", "Deployment", body({"replicas": 2, "paused": True}, observedGeneration=2), "ready: paused"),
        ("apps", "ReplicaSet", body(TWO, observedGeneration=2, replicas=2, availableReplicas=2), "ready: 2 of 2"),
        (
            "apps",
            "ReplicaSet",
            body(TWO, observedGeneration=2, replicas=3, availableReplicas=2),
            "waiting: 1 replicas",
        ),
        ("apps", "ReplicaSet", body(TWO, observedGeneration=1, replicas=2, availableReplicas=2), "waiting: the change"),
        ("", "ReplicationController", body(TWO, observedGeneration=2, replicas=2), "waiting: 0 of 2"),
        ("batch", "CronJob", NEVER_SEEN, "ready: runs at @daily"),
        ("batch", "CronJob", body({"schedule": "@daily", "suspend": True}), "ready: suspended"),
        ("apiregistration.k8s.io", "APIService", body(**condition("Available")), "ready: available"),
        ("apiregistration.k8s.io", "APIService", body(), "waiting: not available yet"),
        (
            "apiregistration.k8s.io",
            "APIService",
            body(**condition("Available", "False", reason="MissingEndpoints", message="no endpoints")),
            "waiting: not available: MissingEndpoints: no endpoints",
        ),
        ("policy", "PodDisruptionBudget", NEVER_SEEN, "waiting: the change"),
        ("policy", "PodDisruptionBudget", body(observedGeneration=2, expectedPods=0, desiredHealthy=1), "ready: there"),
        (
            "policy",
            "PodDisruptionBudget",
            body(observedGeneration=2, expectedPods=2, desiredHealthy=2, currentHealthy=1),
            "waiting: 1 pods healthy, 2 needed",
        ),
        (
            "policy",
            "PodDisruptionBudget",
            body(observedGeneration=2, expectedPods=2, desiredHealthy=2, currentHealthy=2),
            "ready: 2 pods healthy",
        ),
        (
            "policy",
            "PodDisruptionBudget",
            body(**condition("DisruptionAllowed", "False", reason="SyncFailed", message="no controllers")),
            "waiting: its pods cannot be counted: no controllers",
        ),
        ("autoscaling", "HorizontalPodAutoscaler", body(), "waiting: the change"),
        ("autoscaling", "HorizontalPodAutoscaler", body(**condition("AbleToScale")), "ready: able to scale"),
        (
            "autoscaling",
            "HorizontalPodAutoscaler",
            body(**condition("AbleToScale", "False", reason="FailedGetScale", message="not found")),
            "waiting: it cannot scale: not found",
        ),
        (
            "autoscaling",
            "HorizontalPodAutoscaler",
            {
                **body(),
                "status": {
                    "conditions": [
                        {"type": "AbleToScale", "status": "True"},
                        {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"},
                    ]
                },
            },
            "ready: able to scale, but idle: FailedGetResourceMetric",
        ),
        ("", "PersistentVolume", body(phase="Available"), "ready: available"),
        ("", "PersistentVolume", body(), "waiting: not available yet"),
        ("", "PersistentVolume", body(phase="Failed", message="no plugin"), "failed: no plugin"),
        ("", "ResourceQuota", NEVER_SEEN, "waiting: what is used is not counted yet"),
        ("", "ResourceQuota", body({"hard": {"pods": "1"}}, hard={"pods": "1"}), "ready: counted"),
        ("", "ConfigMap", body(), "ready: exists"),
        ("example.com", "Widget", body(), "ready: exists"),
        ("example.com", "Widget", body(**condition("Ready")), "ready"),
        ("example.com", "Widget", body(**condition("Ready", "False", reason="Why")), "waiting: not ready: Why"),
        ("example.com", "Widget", body(observedGeneration=1, **condition("Ready")), "waiting: the change"),
        ("example.com", "Widget", body(**condition("Stalled", reason="Why", message="that")), "failed: Why: that"),
        ("example.com", "Widget", body(**condition("Reconciling", message="busy")), "waiting: busy"),
        (
            "example.com",
            "Widget",
            {**body(), "status": {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]}},
            "waiting: the change",
        ),
        ("example.com", "Widget", {**body(), "status": "fine"}, "ready: exists"),
        ("example.com", "Widget", {**body(), "status": {"conditions": {"Ready": True}}}, "ready: exists"),
        ("example.com", "Widget", body(conditions=["Ready"]), "ready: exists"),
    ],
)
def test_a_status_means(group: str, kind: str, live: JSON, expected: str) -> None:
    reference = Reference(f"{group}/v1" if group else "v1", kind, "", "x")
    verdict = assess(reference, live, AROUND)
    word, _colon, message = expected.partition(": ")
    assert CONDITION.index(word) == (0 if verdict.successful else 2 if verdict.done else 1)
    assert message in verdict.message


@pytest.mark.parametrize("kind", ["ConfigMap", "Pod", "Deployment"])
def test_what_is_being_deleted_will_never_be_ready(kind: str) -> None:
    live = body({"replicas": 0}, phase="Running", observedGeneration=2, **condition("Ready"))
    live["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/hold"]}
    verdict = assess(Reference("apps/v1" if kind == "Deployment" else "v1", kind, "", "x"), live, AROUND)
    assert verdict.message == "it is being deleted since 2026-01-01T00:00:00Z, held by example.com/hold"
    assert verdict.done
    assert not verdict.successful


def test_a_complete_job_that_is_being_deleted_was_successful() -> None:
    live = body(**condition("Complete"))
    live["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert assess(Reference("batch/v1", "Job", "", "x"), live, AROUND).successful


def test_a_claim_is_not_waited_for_where_storage_classes_may_not_be_read() -> None:
    around = Surroundings(lambda: None, AROUND.slices, AROUND.wants_pods_for)
    claim = body({"storageClassName": "now"}, phase="Pending")
    assert assess(Reference("v1", "PersistentVolumeClaim", "", "x"), claim, around).successful
