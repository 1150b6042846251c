"""A training Job as a user writes it: a program, an image, and the environment from the ConfigMap and the Secret."""

from __future__ import annotations

import secrets
import time
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

SECONDS = 240
JOBS = "/apis/batch/v1/namespaces/training/jobs"
PODS = "/api/v1/namespaces/training/pods"


def run_training(cluster: Cluster, program: str, *arguments: str) -> str:
    """Runs the program to its end and answers with its log; a program that fails fails the test."""
    name = f"user-{secrets.token_hex(4)}"
    cluster.request("POST", JOBS, body=job(name, image_of_mlflow(cluster), program, arguments))
    try:
        succeeded = wait_until_ended(cluster, name)
        (pod,) = cluster.request("GET", PODS, query={"labelSelector": f"job-name={name}"})["items"]
        log = str(cluster.request("GET", f"{PODS}/{pod['metadata']['name']}/log", is_text=True))
    finally:
        cluster.request("DELETE", f"{JOBS}/{name}", query={"propagationPolicy": "Background"})
    assert succeeded, log
    return log


def image_of_mlflow(cluster: Cluster) -> str:
    """An image with mlflow and scikit-learn that the node has."""
    deployment = cluster.request("GET", "/apis/apps/v1/namespaces/monitoring/deployments/mlflow")
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def wait_until_ended(cluster: Cluster, name: str) -> bool:
    deadline = time.monotonic() + SECONDS
    while True:
        status = cluster.request("GET", f"{JOBS}/{name}").get("status", {})
        for condition in status.get("conditions") or []:
            if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
                return bool(condition["type"] == "Complete")
        assert time.monotonic() < deadline, status
        time.sleep(0.5)


def job(name: str, image: str, program: str, arguments: tuple[str, ...]) -> dict[str, Any]:
    container = {
        "name": "training",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-c", program, *arguments],
        "env": [
            from_config("MLFLOW_TRACKING_URI", "mlflow-tracking-uri"),
            from_config("MLFLOW_S3_ENDPOINT_URL", "mlflow-s3-endpoint-url"),
            {"name": "MLFLOW_S3_IGNORE_TLS", "value": "true"},
            from_secret("AWS_ACCESS_KEY_ID", "access-key"),
            from_secret("AWS_SECRET_ACCESS_KEY", "secret-key"),
        ],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    return {"metadata": {"name": name}, "spec": {"backoffLimit": 0, "template": {"spec": pod}}}


def from_config(name: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"configMapKeyRef": {"name": "mlflow-config", "key": key}}}


def from_secret(name: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": "r2-credentials", "key": key}}}
