"""Reports to write: one of everything."""

from __future__ import annotations

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import (
    ExpiredRule,
    Finding,
    Ignored,
    NotTold,
    Report,
)

SCALED = Finding(
    "Deployment monitoring/mlflow",
    "changed",
    "spec.replicas",
    "/spec/replicas",
    1,
    3,
    "kubectl",
    "2026-11-24T10:00:00Z",
    "Deploy MLflow",
)
GONE = Finding("Service storage/minio", "missing")
STRANGER = Finding("ConfigMap storage/extra", "extra", manager="kubectl-create", time="2026-11-24T10:00:00Z")
ODD = Finding("ConfigMap storage/odd", "extra", "data.x", "/data/x", None, 'a "b" <c> & \x00 \n d', "me\\you", "")


def report(**fields: object) -> Report:
    """A report with one of everything, unless said otherwise."""
    values = {
        "cluster": "local",
        "started": "2026-11-24T10:00:00Z",
        "seconds": 1.5,
        "objects": ["Deployment monitoring/mlflow", "Service storage/minio", "Secret storage/minio-root"],
        "findings": [SCALED, GONE, STRANGER, ODD],
        "not_told": [NotTold("Bucket training-results", "MinIO does not answer", "Keep the bucket")],
        "ignored": [Ignored(SCALED, "the night shift")],
        "expired_rules": [ExpiredRule("*", "once", "2026-01-01")],
        **fields,
    }
    return Report(**values)  # type: ignore[arg-type]


def in_sync() -> Report:
    return report(findings=[], not_told=[], ignored=[], expired_rules=[])
