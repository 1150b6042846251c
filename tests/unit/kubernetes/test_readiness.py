"""Each kind's readiness, from statuses as clusters report them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.kinds import assess

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
        ("apps", "DaemonSet", body(**DAEMONS), "ready"),
        ("apps", "DaemonSet", body(**{**DAEMONS, "numberAvailable": 2}), "waiting: 2 of 3 pods available"),
        ("batch", "Job", body(**condition("Complete")), "ready"),
        ("batch", "Job", body(**condition("Failed", reason="BackoffLimitExceeded")), "failed: BackoffLimitExceeded"),
        ("batch", "Job", body(**condition("FailureTarget", reason="DeadlineExceeded")), "failed: DeadlineExceeded"),
        ("batch", "Job", body(active=1), "waiting: 1 pods active"),
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
        ("", "ConfigMap", body(), "ready: exists"),
    ],
)
def test_a_status_means(group: str, kind: str, live: JSON, expected: str) -> None:
    verdict = assess(group, kind, live, frozenset({"late"}))
    word, _colon, message = expected.partition(": ")
    assert CONDITION.index(word) == (0 if verdict.successful else 2 if verdict.done else 1)
    assert message in verdict.message
