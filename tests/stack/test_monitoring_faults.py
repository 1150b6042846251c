"""Faults made for real: the alert of each fires, somebody is told, and both end with the fault.

All faults are made at once, as each takes its time to be seen. MLflow is stopped last, for some of them need it.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import STORAGE_ENDPOINT
from kubernetes.client import CoreV1Api
from kubernetes.config import new_client_from_config
from kubernetes.stream import stream
from monitoring_servers import firing, is_ready, pod_of, receiver, wait_until
from small_volume import small_volume
from user_job import JOBS, PODS, image_of_mlflow

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, Storage

JSON = Any
Told = Callable[[], set[tuple[str, str]]]

CLAIMS = "/api/v1/namespaces/training/persistentvolumeclaims"
DEPLOYMENT = "/apis/apps/v1/namespaces/monitoring/deployments/mlflow"
# While it runs, nobody else reads the database; MLflow's /health does not look there.
LOCK = "import sqlite3, time; d = sqlite3.connect('/mlflow/mlflow.db'); d.execute('BEGIN EXCLUSIVE'); time.sleep(45)"
TAKE_MEMORY = "held = [bytearray(1 << 20) for _ in range(500)]"
FILL = "open('/data/big', 'wb').write(bytes(950_000)); import time; time.sleep(3600)"


def pod(image: str, program: str, **container: JSON) -> JSON:
    return {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "fault",
                "image": image,
                "imagePullPolicy": "IfNotPresent",
                "command": ["python", "-c", program],
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                **container,
            }
        ],
    }


@contextlib.contextmanager
def failing_job(cluster: Cluster) -> Iterator[None]:
    name = f"fails-{secrets.token_hex(3)}"
    template = {"spec": pod(image_of_mlflow(cluster), "raise SystemExit(3)")}
    cluster.request("POST", JOBS, body={"metadata": {"name": name}, "spec": {"backoffLimit": 0, "template": template}})
    try:
        yield
    finally:
        cluster.request("DELETE", f"{JOBS}/{name}", query={"propagationPolicy": "Background"})


@contextlib.contextmanager
def pod_that_is_killed(cluster: Cluster) -> Iterator[None]:
    name = f"hungry-{secrets.token_hex(3)}"
    spec = pod(image_of_mlflow(cluster), TAKE_MEMORY, resources={"limits": {"memory": "64Mi"}})
    cluster.request("POST", PODS, body={"metadata": {"name": name}, "spec": spec})
    try:
        yield
    finally:
        cluster.request("DELETE", f"{PODS}/{name}")


@contextlib.contextmanager
def full_volume(cluster: Cluster) -> Iterator[None]:
    image = image_of_mlflow(cluster)
    name = f"fills-{secrets.token_hex(3)}"
    with small_volume(cluster, image, "training", is_local=True) as volume:
        claim = {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": volume}
        claim["resources"] = {"requests": {"storage": "1Mi"}}
        cluster.request("POST", CLAIMS, body={"metadata": {"name": "data"}, "spec": claim})
        spec = pod(image, FILL, volumeMounts=[{"name": "data", "mountPath": "/data"}])
        spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
        cluster.request("POST", PODS, body={"metadata": {"name": name}, "spec": spec})
        try:
            yield
        finally:
            cluster.request("DELETE", f"{PODS}/{name}", query={"gracePeriodSeconds": 0})
            cluster.request("DELETE", f"{CLAIMS}/data")
            wait_until("the pod is gone", lambda: cluster.get(f"{PODS}/{name}") is None, 60)


def hammer(cluster: Cluster) -> None:
    """S3 requests with keys that nobody has."""
    with reach(cluster, STORAGE_ENDPOINT) as reached:
        stranger = Storage(reached.url, Keys("nobody", "not-a-password", "the test"))
        for _ in range(60):
            with contextlib.suppress(Exception):
                stranger.s3.list_buckets()


def lock_database(cluster: Cluster) -> None:
    """In the server's own pod, for three quarters of a minute."""
    api = CoreV1Api(new_client_from_config(cluster.kubeconfig, cluster.context))  # type: ignore[no-untyped-call]
    name = pod_of(cluster, "mlflow")["metadata"]["name"]
    command = ["python", "-c", LOCK]
    stream(api.connect_get_namespaced_pod_exec, name, "monitoring", container="mlflow", command=command, stdout=True)


def scale(cluster: Cluster, replicas: int) -> None:
    patch = {"spec": {"replicas": replicas}}
    cluster.request("PATCH", DEPLOYMENT, body=patch, content_type="application/merge-patch+json")


def seen_while(cluster: Cluster, wanted: set[str], seen: set[str], seconds: float) -> None:
    """Adds to `seen` what fires, until all that is wanted has."""
    wait_until(f"{wanted} fire", lambda: seen.update(firing(cluster)) or wanted <= seen, seconds)


@pytest.fixture(scope="module")
def told(cluster: Cluster) -> Iterator[Told]:
    with receiver(cluster) as told:
        yield told


@pytest.fixture(scope="module")
def fired(cluster: Cluster, told: Told) -> set[str]:
    """The alerts that fired while the faults were there; none of them is any more."""
    seen: set[str] = set()
    lasting = {"TrainingJobFailed", "ContainerOutOfMemory", "VolumeSpaceLow"}
    with failing_job(cluster), pod_that_is_killed(cluster), full_volume(cluster):
        hammer(cluster)
        seen_while(cluster, {"MinIORejectedAuth"}, seen, 60)
        lock_database(cluster)
        seen_while(cluster, {"MLflowApiBroken"} | lasting, seen, 180)
        try:
            scale(cluster, 0)
            seen_while(cluster, {"MLflowDown"}, seen, 60)
        finally:
            scale(cluster, 1)
    wait_until("MLflow is back", lambda: is_ready(pod_of(cluster, "mlflow")), 240)
    time.sleep(5)
    return seen


@pytest.mark.parametrize(
    "name",
    [
        "MLflowDown",
        "MLflowApiBroken",
        "MinIORejectedAuth",
        "TrainingJobFailed",
        "ContainerOutOfMemory",
        "VolumeSpaceLow",
    ],
)
def test_fires_tells_somebody_and_ends(cluster: Cluster, told: Told, fired: set[str], name: str) -> None:
    assert name in fired
    wait_until(f"the receiver was told of {name}", lambda: (name, "firing") in told(), 60)
    wait_until(f"{name} has ended", lambda: name not in firing(cluster), 180)
    wait_until(f"the receiver was told that {name} has ended", lambda: (name, "resolved") in told(), 120)
