"""An MLflow as people make it by kubectl apply: root's habits, a selector of their own, a sidecar, a NodePort."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import urllib3

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport

JSON = Any

NAMESPACE = "monitoring"
OTHER_CLAIM = "mlflow-data"
_LABELS = {"app": "tracking", "tier": "hand-made"}
_EMPTY_DIR: JSON = {"emptyDir": {}}
_ON_CLAIM: JSON = {"persistentVolumeClaim": {"claimName": OTHER_CLAIM}}
_PATHS = {
    "Namespace": "/api/v1/namespaces",
    "Deployment": f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments",
    "Service": f"/api/v1/namespaces/{NAMESPACE}/services",
    "PersistentVolumeClaim": f"/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims",
}


def on_empty_dir(image: str) -> list[JSON]:
    """The usual start: its database and artifacts in an emptyDir, by paths that are relative to it."""
    return [_namespace(), _deployment(image, "cd /data && exec mlflow server", _EMPTY_DIR), _service()]


def on_another_claim(image: str) -> list[JSON]:
    """One with a volume, by another name, and the database in a folder of it."""
    start = "mkdir -p /data/db && exec mlflow server --backend-store-uri sqlite:////data/db/tracking.db"
    start += " --artifacts-destination /data/artifacts"
    return [_namespace(), _claim(), _deployment(image, start, _ON_CLAIM), _service()]


def kubectl_apply(cluster: Cluster, *objects: Mapping[str, JSON]) -> None:
    """As `kubectl apply` makes them: with its annotation, and its name as the fields' manager."""
    for each in objects:
        annotation = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(each)}
        body = {**each, "metadata": {**each["metadata"], "annotations": annotation}}
        try:
            query = {"fieldManager": "kubectl-client-side-apply"}
            cluster.request("POST", _PATHS[each["kind"]], query=query, body=body)
        except ApiError as error:
            if error.status != 409:
                raise


def wait_until_answers(url: str, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if urllib3.request("GET", f"{url}/health", timeout=2.0, retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        assert time.monotonic() < deadline, f"{url} did not answer in {seconds} s"
        time.sleep(0.5)


def filled(url: str, runs: int) -> None:
    """Runs with params, metrics and tags, and a registered model."""
    with Transport(url) as transport:
        for number in range(runs):
            run = transport.post("runs/create", {"experiment_id": "0", "run_name": f"old-{number}"})["run"]["info"]
            metrics = [{"key": "loss", "value": 1 / (step + 1), "timestamp": step, "step": step} for step in range(5)]
            params = [{"key": "number", "value": str(number)}]
            transport.post("runs/log-batch", {"run_id": run["run_id"], "metrics": metrics, "params": params})
            transport.post("runs/update", {"run_id": run["run_id"], "status": "FINISHED"})
        transport.post("registered-models/create", {"name": "churn"})


def _namespace() -> JSON:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def _claim() -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": OTHER_CLAIM, "namespace": NAMESPACE},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


def _deployment(image: str, start: str, volume: JSON) -> JSON:
    script = f"{start} --host 0.0.0.0 --port 5000 --workers 1 --allowed-hosts '*'"
    server = {
        "name": "server",
        "image": image,
        "command": ["sh", "-c", script.replace("exec mlflow", "mlflow")],
        "env": [
            {"name": "MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "value": "false"},
            {"name": "MLFLOW_DISABLE_TELEMETRY", "value": "true"},
        ],
        "ports": [{"containerPort": 5000}],
        "readinessProbe": {"httpGet": {"path": "/health", "port": 5000}, "periodSeconds": 1, "failureThreshold": 300},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    sidecar = {
        "name": "sidecar",
        "image": image,
        "command": ["python3", "-c", "import signal; signal.pause()"],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "mlflow", "namespace": NAMESPACE, "labels": _LABELS},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _LABELS},
            "template": {
                "metadata": {"labels": _LABELS},
                "spec": {
                    "securityContext": {"fsGroup": 1000},
                    "containers": [sidecar, server],
                    "volumes": [{"name": "data", **volume}],
                },
            },
        },
    }


def _service() -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "mlflow", "namespace": NAMESPACE},
        "spec": {
            "type": "NodePort",
            "selector": _LABELS,
            "ports": [{"port": 5000, "targetPort": 5000, "nodePort": 30500}],
        },
    }
