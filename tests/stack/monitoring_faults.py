"""Faults of the running stack: contexts that make one and take it away again, and acts that pass by themselves."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import urllib3
from kubernetes.client import CoreV1Api
from kubernetes.config import new_client_from_config
from kubernetes.stream import stream
from minio.error import S3Error
from monitoring_servers import merge, nudge, pods_of, wait_until
from small_volume import small_volume
from user_job import JOBS, PODS, image_of_mlflow

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import MlflowError, Transport
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, Storage

JSON = Any

TRACKING_URI = "http://mlflow.monitoring.svc.cluster.local:5000"
STORAGE_ENDPOINT = "http://minio.storage.svc.cluster.local:9000"
CLAIMS = "/api/v1/namespaces/training/persistentvolumeclaims"
RULES = "/api/v1/namespaces/monitoring/configmaps/prometheus-rules"
# While it runs, nobody else reads the database; MLflow's /health does not look there.
LOCK = "import sqlite3, time; d = sqlite3.connect('/mlflow/mlflow.db'); d.execute('BEGIN EXCLUSIVE'); time.sleep(40)"
TAKE_MEMORY = "held = [bytearray(1 << 20) for _ in range(500)]"
FILL = "open('/data/big', 'wb').write(bytes(1_040_000)); import time; time.sleep(3600)"
TWO_DAYS = 2 * 86400


def pod(image: str, program: str, restart: str = "Never", **container: JSON) -> JSON:
    return {
        "restartPolicy": restart,
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
def running_pod(cluster: Cluster, name: str, spec: JSON) -> Iterator[str]:
    """Its name, in namespace training."""
    made = f"{name}-{secrets.token_hex(3)}"
    cluster.request("POST", PODS, body={"metadata": {"name": made}, "spec": spec})
    try:
        yield made
    finally:
        cluster.request("DELETE", f"{PODS}/{made}", query={"gracePeriodSeconds": 0})


@contextlib.contextmanager
def pod_that_is_killed(cluster: Cluster) -> Iterator[None]:
    """For its memory. A runtime that learns of that too late says only that it was killed: then another one is."""
    spec = pod(image_of_mlflow(cluster), TAKE_MEMORY, resources={"limits": {"memory": "64Mi"}})
    with contextlib.ExitStack() as pods:
        for _ in range(5):
            name = pods.enter_context(running_pod(cluster, "hungry", spec))
            reason = wait_until("the pod is killed", partial(reason_of_end, cluster, name), 60)
            if reason == "OOMKilled":
                break
        assert reason == "OOMKilled", reason
        yield


def reason_of_end(cluster: Cluster, name: str) -> str:
    """Why the container of a pod of namespace training ended; empty while it has not."""
    status = cluster.request("GET", f"{PODS}/{name}")["status"]
    return "".join(one["state"].get("terminated", {}).get("reason", "") for one in status.get("containerStatuses", []))


@contextlib.contextmanager
def pod_that_restarts(cluster: Cluster) -> Iterator[None]:
    with running_pod(cluster, "crashes", pod(image_of_mlflow(cluster), "raise SystemExit(3)", "Always")):
        yield


@contextlib.contextmanager
def full_volume(cluster: Cluster) -> Iterator[None]:
    image = image_of_mlflow(cluster)
    with small_volume(cluster, image, "training", is_local=True) as volume:
        claim = {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": volume}
        claim["resources"] = {"requests": {"storage": "1Mi"}}
        cluster.request("POST", CLAIMS, body={"metadata": {"name": "data"}, "spec": claim})
        spec = pod(image, FILL, volumeMounts=[{"name": "data", "mountPath": "/data"}])
        spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
        try:
            with running_pod(cluster, "fills", spec) as name:
                yield
            wait_until("the pod is gone", lambda: cluster.get(f"{PODS}/{name}") is None, 60)
        finally:
            cluster.request("DELETE", f"{CLAIMS}/data")


@contextlib.contextmanager
def stuck_run(cluster: Cluster) -> Iterator[None]:
    """A run that began two days ago and never ended."""
    began = int((time.time() - TWO_DAYS) * 1000)
    with mlflow(cluster) as server:
        made = server.post("runs/create", {"experiment_id": "0", "start_time": began})
    run_id = made["run"]["info"]["run_id"]
    try:
        yield
    finally:
        with mlflow(cluster) as server:
            server.post("runs/update", {"run_id": run_id, "status": "KILLED"})
            server.post("runs/delete", {"run_id": run_id})


@contextlib.contextmanager
def broken_rules(cluster: Cluster) -> Iterator[None]:
    """Rules that Prometheus cannot read, beside its own. That they reach it needs no help; that they go is hastened."""
    merge(cluster, RULES, {"data": {"broken.yml": "groups: none of them\n"}})
    try:
        yield
    finally:
        merge(cluster, RULES, {"data": {"broken.yml": None}})
        nudge(cluster, "prometheus")


@contextlib.contextmanager
def mlflow(cluster: Cluster) -> Iterator[Transport]:
    with (
        reach(cluster, TRACKING_URI) as reached,
        Transport(reached.url, host_header=reached.host_header, timeout=30.0) as transport,
    ):
        yield transport


def hammer(cluster: Cluster, times: int = 60) -> None:
    """S3 requests with keys that nobody has."""
    with reach(cluster, STORAGE_ENDPOINT) as reached:
        stranger = Storage(reached.url, Keys("nobody", "not-a-password", "the test"))
        for _ in range(times):
            with pytest.raises(S3Error, match="InvalidAccessKeyId"):
                stranger.s3.list_buckets()


def send_nonsense(cluster: Cluster) -> None:
    """S3 requests that MinIO turns away before it looks at them: no known signature, too long a header, a bad name."""
    nonsense: list[tuple[str, dict[str, str]]] = [
        ("/", {"Authorization": "nonsense"}),
        ("/", {"x-amz-meta-long": "x" * 9000}),
        ("/?prefix=../above", {}),
    ]
    with reach(cluster, STORAGE_ENDPOINT) as reached:
        for path, headers in nonsense:
            answer = urllib3.request("GET", f"{reached.url}{path}", headers=headers, retries=False, timeout=10.0)
            assert answer.status == 400, answer.data


def run_in(cluster: Cluster, app: str, *command: str) -> str:
    """Runs a command in the container that is named after its app, to its end; gives what it printed."""
    api = CoreV1Api(new_client_from_config(cluster.kubeconfig, cluster.context))  # type: ignore[no-untyped-call]
    name = pods_of(cluster, app)[0]["metadata"]["name"]
    how = {"container": app, "command": list(command), "stdout": True, "stderr": True}
    return str(stream(api.connect_get_namespaced_pod_exec, name, "monitoring", **how))


def lock_database(cluster: Cluster) -> None:
    """In the server's own pod, for forty seconds, while clients go on asking."""

    def keep_asking() -> None:
        with mlflow(cluster) as server:
            while not locked.done():
                with contextlib.suppress(MlflowError):
                    server.get("experiments/search", max_results=1)

    with ThreadPoolExecutor(5) as pool:
        locked = pool.submit(run_in, cluster, "mlflow", "python", "-c", LOCK)
        asking = [pool.submit(keep_asking) for _ in range(4)]
        for one in (locked, *asking):
            one.result()


def scale(cluster: Cluster, workload: str, replicas: int) -> None:
    """workload: such as monitoring/deployments/mlflow."""
    path = "/apis/apps/v1/namespaces/" + workload
    cluster.request("PATCH", path, body={"spec": {"replicas": replicas}}, content_type="application/merge-patch+json")
