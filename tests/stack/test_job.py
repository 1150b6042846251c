"""A Job runs to its end, once, while what it must not meet is held still."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from workloads import apply, deployment, job, run_job

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.run_job import JobFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any
FROM_SECRET = [{"name": "VALUE", "valueFrom": {"secretKeyRef": {"name": "given", "key": "value"}}}]


@pytest.fixture(scope="module")
def namespace(cluster: Cluster) -> Iterator[str]:
    name = f"engine-{secrets.token_hex(4)}"
    apply(cluster, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    cluster.request("DELETE", f"/api/v1/namespaces/{name}")


def replicas(cluster: Cluster, namespace: str) -> int:
    found = cluster.request("GET", f"/apis/apps/v1/namespaces/{namespace}/deployments/workload")
    return int(found["spec"]["replicas"])


def test_a_complete_job_is_the_record_that_it_ran(cluster: Cluster, image: str, namespace: str) -> None:
    first = run_job(cluster, job(namespace, image, "print('hello')"), run="always")
    assert (first["ran"], first["succeeded"], first["log"]) == (True, True, ["hello"])
    assert run_job(cluster, job(namespace, image, "print('hello')"))["ran"] is False
    assert run_job(cluster, job(namespace, image, "print('hello')"), run="changed")["ran"] is False
    assert run_job(cluster, job(namespace, image, "print('again')"), run="changed")["log"] == ["again"]


def test_a_failed_job_tells_its_log_without_secrets_and_runs_again(
    cluster: Cluster, image: str, namespace: str
) -> None:
    given = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "given", "namespace": namespace},
        "stringData": {"value": "canary-value"},
    }
    apply(cluster, given)
    program = "import os; print('given', os.environ['VALUE']); raise SystemExit(7)"
    with pytest.raises(JobFailed, match=r"exit code 7\); the last lines of its log:\ngiven \(hidden") as failure:
        run_job(cluster, job(namespace, image, program, env=FROM_SECRET), run="always")
    assert "canary" not in str(failure.value) + str(failure.value.result)
    assert run_job(cluster, job(namespace, image, "print('mended')"))["ran"] is True


def test_workloads_are_held_still_and_left_to_the_next_apply(cluster: Cluster, image: str, namespace: str) -> None:
    apply(cluster, deployment(namespace, image))
    quiesce = (
        Reference("apps/v1", "Deployment", namespace, "workload"),
        Reference("apps/v1", "Deployment", namespace, "no"),
    )
    assert run_job(cluster, job(namespace, image, "print('alone')"), run="always", quiesce=quiesce)["succeeded"]
    assert replicas(cluster, namespace) == 0
    changes = apply(cluster, deployment(namespace, image))[0]["changes"]
    assert changes == ["spec.replicas"]


def test_workloads_come_back_when_the_job_fails_and_it_runs_no_longer(
    cluster: Cluster, image: str, namespace: str
) -> None:
    apply(cluster, deployment(namespace, image))
    quiesce = (Reference("apps/v1", "Deployment", namespace, "workload"),)
    with pytest.raises(JobFailed, match=r"(?s)not ready within .*was suspended"):
        run_job(
            cluster, job(namespace, image, "import time; time.sleep(99)"), run="always", quiesce=quiesce, seconds=12
        )
    assert replicas(cluster, namespace) == 1
    pods = cluster.request("GET", f"/api/v1/namespaces/{namespace}/pods", query={"labelSelector": "app=job"})
    assert pods["items"] == []
