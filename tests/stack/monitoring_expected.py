"""What the monitoring is expected to show: jobs, alerts and panels, and the load after which each has data."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import urllib3
from monitoring_faults import hammer, mlflow, send_nonsense

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import Panel, panels

FILES = Path(__file__).parents[2] / "roles/monitoring/files/dashboards"
DASHBOARDS: dict[str, Any] = {path.stem: json.loads(path.read_text()) for path in sorted(FILES.iterdir())}
# PostgreSQL's is shown where MLflow is on it.
SHOWN_ON_SQLITE = sorted(DASHBOARDS.keys() - {"postgresql"})
JOBS = ["mlflow", "mlflow-exporter", "minio", "pushgateway", "prometheus", "alertmanager", "grafana"]
JOBS += ["kube-state-metrics", "kubelet", "cadvisor"]
ALERTS = [
    "MLflowDown",
    "MLflowApiBroken",
    "MLflowErrors",
    "MLflowSlow",
    "RunStuck",
    "MinIODown",
    "MinIODriveOffline",
    "MinIOSpaceLow",
    "MinIORejectedAuth",
    "VolumeSpaceLow",
    "VolumeFullSoon",
    "ContainerRestarting",
    "ContainerOutOfMemory",
    "TrainingJobFailed",
    "TargetDown",
    "ConfigurationRefused",
]
# MinIO has no counter of what never happened, and these faults are not made. A drift check is in scenario `drift`.
NOT_SEEN_WHEN_ALL_IS_WELL = {
    "minio_api_requests_5xx_errors_total",
    "tracking_drift_findings",
    "tracking_drift_last_run_timestamp_seconds",
    "tracking_drift_object",
    "tracking_drift_objects",
}
ALERTS_OF_POSTGRES = ["PostgreSQLDown", "PostgreSQLConnectionsHigh"]
ALERTS_OF_DRIFT = ["DriftFound", "DriftNotChecked", "DriftCheckFailed"]


def panels_of(*dashboards: str) -> list[Panel]:
    return [panel for name in dashboards for panel in panels(DASHBOARDS[name])]


def put_load(cluster: Cluster) -> None:
    """What a stack does in a minute: questions to MLflow, S3 requests with bad keys, metrics that a Job leaves."""
    with mlflow(cluster) as server:
        client = MlflowClient(server)
        for _ in range(60):
            list(client.experiments())
            client.experiment("no such experiment")
    hammer(cluster, 5)
    send_nonsense(cluster)
    with reach(cluster, "http://pushgateway.monitoring.svc.cluster.local:9091") as reached:
        address = f"{reached.url}/metrics/job/load/namespace/training"
        assert urllib3.request("PUT", address, body=b"training_loss 0.5\n", timeout=10.0).status == 200
    time.sleep(20)


def metrics_of(expression: str) -> set[str]:
    """The names of the metrics that PromQL asks for by name."""
    bare = re.sub(r'"[^"]*"|\[[^]]*\]', "", expression)
    bare = re.sub(r"\{[^}]*\}|\b(by|without|on|ignoring)\s*\([^)]*\)", "", bare)
    return set(re.findall(r"\b[a-z]\w*_\w+\b(?!\s*\()|\bup\b", bare))
