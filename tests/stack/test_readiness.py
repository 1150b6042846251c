"""Waiting ends when all is ready, and says the cause as soon as something cannot be."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from workloads import apply, deployment, failure, image_of_workloads

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster

JSON = Any
MISSING_KEY = {"name": "VALUE", "valueFrom": {"secretKeyRef": {"name": "nowhere", "key": "key"}}}
# Without a probe, a container counts as ready from the moment it starts until it crashes.
NEVER_READY = {"readinessProbe": {"tcpSocket": {"port": 9}, "periodSeconds": 1}}
CRASH = "import os; print('about to fail with', os.environ['MY_TOKEN']); raise SystemExit(3)"


@pytest.fixture(scope="module")
def image(cluster: Cluster) -> str:
    return image_of_workloads(cluster)


def crashing(namespace: str, image: str) -> list[JSON]:
    return [deployment(namespace, image, CRASH, env=[{"name": "MY_TOKEN", "value": "canary-token"}], **NEVER_READY)]


def out_of_memory(namespace: str, image: str) -> list[JSON]:
    limits = {"limits": {"memory": "40Mi"}}
    return [deployment(namespace, image, "x = b'x' * 10**9", resources=limits, **NEVER_READY)]


def missing_image(namespace: str, image: str) -> list[JSON]:
    return [deployment(namespace, "localhost:1/nowhere:1")]


def missing_secret(namespace: str, image: str) -> list[JSON]:
    return [deployment(namespace, image, env=[MISSING_KEY])]


def unschedulable(namespace: str, image: str) -> list[JSON]:
    nowhere = deployment(namespace, image)
    nowhere["spec"]["template"]["spec"]["nodeSelector"] = {"tracking.mlops/nowhere": "true"}
    return [nowhere]


def over_quota(namespace: str, image: str) -> list[JSON]:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": namespace},
        "spec": {"hard": {"pods": "0"}},
    }
    return [quota, deployment(namespace, image)]


def forbidden_by_pod_security(namespace: str, image: str) -> list[JSON]:
    return [deployment(namespace, image, securityContext={"privileged": True})]


CASES: list[tuple[Callable[[str, str], list[JSON]], str]] = [
    (
        crashing,
        "container python: CrashLoopBackOff (exit code 3); the last lines of its log:\nabout to fail with (hidden",
    ),
    (out_of_memory, "OOMKilled: it used more memory than its limit"),
    (missing_image, 'ImagePullBackOff (Back-off pulling image "localhost:1/nowhere:1"'),
    (missing_secret, 'CreateContainerConfigError (secret "nowhere" not found)'),
    (unschedulable, "Unschedulable (0/1 nodes are available"),
    (over_quota, "its pods cannot be made: "),
    (forbidden_by_pod_security, 'violates PodSecurity "baseline:latest": privileged'),
]


@pytest.fixture(scope="module")
def stories(cluster: Cluster, image: str) -> Iterator[dict[str, Future[tuple[str, float]]]]:
    """What each case fails with, after how long; all wait at the same time, each in a namespace of its own."""

    def fail(case: Callable[[str, str], list[JSON]]) -> tuple[str, float]:
        started = time.monotonic()
        name = names[case.__name__]
        return failure(cluster, namespace(name), *case(name, image)), time.monotonic() - started

    names = {case.__name__: f"engine-{secrets.token_hex(4)}" for case, _expected in CASES}
    with ThreadPoolExecutor(len(CASES)) as pool:
        yield {case.__name__: pool.submit(fail, case) for case, _expected in CASES}
    for name in names.values():
        cluster.request("DELETE", f"/api/v1/namespaces/{name}")


def namespace(name: str) -> JSON:
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


@pytest.mark.parametrize(("case", "expected"), CASES, ids=[case.__name__ for case, _expected in CASES])
def test_fails_fast_with_the_cause(
    stories: dict[str, Future[tuple[str, float]]], case: Callable[..., Any], expected: str
) -> None:
    story, seconds = stories[case.__name__].result()
    assert expected in story
    assert "canary" not in story
    assert seconds < 60


@pytest.fixture
def name(cluster: Cluster) -> Iterator[str]:
    """The name of a namespace, which is deleted afterwards."""
    made = f"engine-{secrets.token_hex(4)}"
    yield made
    cluster.request("DELETE", f"/api/v1/namespaces/{made}")


def test_a_rollout_that_mends_a_crash_is_not_failed_by_the_old_pods(cluster: Cluster, image: str, name: str) -> None:
    assert "CrashLoopBackOff" in failure(cluster, namespace(name), *crashing(name, image))
    rows = apply(cluster, namespace(name), deployment(name, image))
    assert [row["readiness"] for row in rows] == ["active", "1 of 1 replicas available"]


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
