"""Waiting ends when all is ready, and says how it is."""

from __future__ import annotations

from typing import Any

from node_faults import NEVER_READY, missing_image
from workloads import apply, deployment, failure, namespace

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any


def test_an_unchanged_set_that_is_not_ready_fails_too(cluster: Cluster, image: str, name: str) -> None:
    objects = [namespace(name), *missing_image(name, image)]
    assert "ImagePullBackOff" in failure(cluster, *objects)
    assert "ImagePullBackOff" in failure(cluster, *objects)


def test_a_claim_that_waits_for_its_first_pod_is_not_waited_for(cluster: Cluster, name: str) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
    assert apply(cluster, namespace(name), claim)[1]["readiness"] == "bound with its first pod"


def test_what_takes_too_long_is_told_with_its_state(cluster: Cluster, image: str, name: str) -> None:
    story = failure(cluster, namespace(name), deployment(name, image, **NEVER_READY), seconds=5)
    assert "not ready within 5 s: 0 of 1 replicas available" in story


def service(namespace: str, port: int | str) -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "workload", "namespace": namespace},
        "spec": {"selector": {"app": "workload"}, "ports": [{"port": 80, "targetPort": port}]},
    }


def test_a_service_is_ready_when_its_workload_answers(cluster: Cluster, image: str, name: str) -> None:
    rows = apply(cluster, namespace(name), service(name, 8080), deployment(name, image))
    assert [row["readiness"] for row in rows] == ["active", "1 endpoint ready", "1 of 1 replicas available"]


def test_a_service_of_a_port_no_pod_has_is_told(cluster: Cluster, image: str, name: str) -> None:
    story = failure(cluster, namespace(name), service(name, "http"), deployment(name, image), seconds=10)
    assert "not ready within 10 s: no pod it selects has a port http" in story


def test_a_service_is_not_held_up_by_a_workload_that_is_scaled_to_nothing(
    cluster: Cluster, image: str, name: str
) -> None:
    asleep = deployment(name, image)
    asleep["spec"]["replicas"] = 0
    rows = apply(cluster, namespace(name), service(name, 8080), asleep, seconds=20)
    assert [row["readiness"] for row in rows] == ["active", "ready", "0 of 0 replicas available"]


def test_a_budget_and_an_autoscaler_are_ready_with_their_workload(cluster: Cluster, image: str, name: str) -> None:
    metadata = {"name": "workload", "namespace": name}
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata,
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "workload"}}},
    }
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "workload"}
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata,
        "spec": {"scaleTargetRef": target, "maxReplicas": 2},
    }
    apply(cluster, namespace(name), deployment(name, image))
    rows = apply(cluster, namespace(name), deployment(name, image), budget, scaler)
    assert rows[2]["readiness"] == "1 pods healthy, 1 needed"
    assert rows[3]["readiness"].startswith("able to scale")
