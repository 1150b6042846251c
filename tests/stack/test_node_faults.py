"""What keeps a set from getting ready on a real node is told with its cause, and what mends it is believed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from node_faults import (
    CLAIM,
    FAULTS,
    FILL,
    NEVER_READY,
    Fault,
    claim,
    crashing,
    missing_secret,
    quota,
    stateful,
    with_volume,
)
from small_volume import small_volume
from workloads import apply, deployment, failure, namespace

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any


@pytest.fixture(scope="module")
def stories(cluster: Cluster, image: str) -> Iterator[dict[str, Future[str]]]:
    """What each fault is told with; all wait at the same time, each in a namespace of its own."""

    def fail(fault: Fault) -> str:
        name = names[fault.name]
        return failure(cluster, namespace(name), *fault.objects(name, image), seconds=fault.seconds)

    names = {fault.name: f"engine-{secrets.token_hex(4)}" for fault in FAULTS}
    with ThreadPoolExecutor(len(FAULTS)) as pool:
        yield {fault.name: pool.submit(fail, fault) for fault in FAULTS}
    for name in names.values():
        cluster.request("DELETE", f"/api/v1/namespaces/{name}")


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_fails_fast_with_the_cause(stories: dict[str, Future[str]], fault: Fault) -> None:
    story = stories[fault.name].result()
    assert fault.expected in story
    assert "not ready within" not in story  # it was not the deadline that told
    assert "canary" not in story


def test_a_full_volume_is_told_by_the_log(cluster: Cluster, image: str, name: str) -> None:
    with small_volume(cluster, image, name) as volume:
        fills = with_volume(deployment(name, image, FILL, **NEVER_READY), CLAIM)
        story = failure(cluster, namespace(name), claim(name, "", volumeName=volume), fills)
        assert "CrashLoopBackOff (exit code 1)" in story
        assert "OSError: [Errno 28] No space left on device" in story
        cluster.request("DELETE", f"/apis/apps/v1/namespaces/{name}/deployments/workload")


def test_a_rollout_that_mends_a_crash_is_not_failed_by_the_old_pods(cluster: Cluster, image: str, name: str) -> None:
    assert "CrashLoopBackOff" in failure(cluster, namespace(name), *crashing(name, image))
    rows = apply(cluster, namespace(name), deployment(name, image))
    assert [row["readiness"] for row in rows] == ["active", "1 of 1 replicas available"]


def test_a_secret_that_comes_later_is_believed_to_mend_the_same_pods(cluster: Cluster, image: str, name: str) -> None:
    assert "CreateContainerConfigError" in failure(cluster, namespace(name), *missing_secret(name, image))
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "nowhere", "namespace": name}}
    rows = apply(cluster, namespace(name), {**secret, "stringData": {"key": "value"}}, *missing_secret(name, image))
    assert rows[-1]["readiness"] == "1 of 1 replicas available"


def test_a_quota_that_is_raised_is_believed_to_let_the_same_pods_in(cluster: Cluster, image: str, name: str) -> None:
    workload = deployment(name, image)
    assert "exceeded quota" in failure(cluster, namespace(name), quota(name, 0), workload)
    rows = apply(cluster, namespace(name), quota(name, 2), workload, seconds=150)
    assert [row["readiness"] for row in rows] == ["active", "counted", "1 of 1 replicas available"]


def test_a_field_that_cannot_change_is_told_before_anything_is_written(cluster: Cluster, image: str, name: str) -> None:
    workload = deployment(name, image)
    workload["spec"]["replicas"] = 0
    apply(cluster, namespace(name), workload)
    workload["spec"]["selector"]["matchLabels"] = {"app": "other"}
    workload["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    story = failure(cluster, namespace(name), workload)
    assert "cannot be applied; nothing was written" in story
    assert "field is immutable. The field cannot change on an existing object: delete the object first" in story


def test_a_namespace_on_its_way_out_is_told_with_what_holds_it(cluster: Cluster, name: str) -> None:
    held = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "namespace": name}}
    held["metadata"]["finalizers"] = ["tracking.mlops/hold"]
    apply(cluster, namespace(name), held)
    cluster.request("DELETE", f"/api/v1/namespaces/{name}")
    try:
        into = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new", "namespace": name}}
        assert f"namespace {name} is being deleted" in failure(cluster, into)
        story = failure(cluster, namespace(name), into, seconds=10)
        assert f"Namespace {name} is still being emptied: " in story
        assert "tracking.mlops/hold in 1 resource instances" in story
    finally:
        path = f"/api/v1/namespaces/{name}/configmaps/held"
        patch = {"metadata": {"finalizers": None}}
        cluster.request("PATCH", path, body=patch, content_type="application/merge-patch+json")


def test_a_stateful_set_that_waits_for_a_broken_pod_of_its_older_template_is_told_how_to_go_on(
    cluster: Cluster, image: str, name: str
) -> None:
    assert "ImagePullBackOff" in failure(cluster, namespace(name), stateful(deployment(name, "localhost:1/nowhere:1")))
    mended = stateful(deployment(name, image))
    story = failure(cluster, namespace(name), mended)
    assert f"delete it (kubectl delete pod --namespace {name} workload-0)" in story
    assert "not ready within" not in story
    cluster.request("DELETE", f"/api/v1/namespaces/{name}/pods/workload-0")
    assert apply(cluster, namespace(name), mended)[-1]["readiness"] == "1 of 1 replicas ready"
