"""What foreign hands do to the stack, and what the check must say of each: object, state, path, manager."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checks import Finding

Kubectl = Any
Storage = Any

MLFLOW = "Deployment monitoring/mlflow"
CONTAINER = "spec.template.spec.containers[mlflow]"
POD = "spec.template.spec"
MINIO = "StatefulSet storage/minio"


@dataclass(frozen=True)
class Hand:
    """Something done, and the one finding that tells of it. act: with kubectl, and MinIO as root.

    also: what a server has in force by it, within two minutes.
    """

    act: Callable[[Kubectl, Storage], object]
    finding: Finding
    also: tuple[Finding, ...] = ()

    @property
    def findings(self) -> set[Finding]:
        return {self.finding, *self.also}


def _kubectl(*arguments: str) -> Callable[[Kubectl, Storage], object]:
    return lambda kubectl, _storage: kubectl(*arguments)


def _patch(
    kind: str, namespace: str, name: str, patch: Any, how: str = "merge"
) -> Callable[[Kubectl, Storage], object]:
    return lambda kubectl, _storage: kubectl.patch(kind, namespace, name, patch, how)


def _edit(kind: str, namespace: str, name: str, script: str) -> Callable[[Kubectl, Storage], object]:
    """kubectl edit, with sed in place of a person's editor."""
    return lambda kubectl, _storage: kubectl("edit", kind, name, "-n", namespace, KUBE_EDITOR=f"sed -i '{script}'")


def _sql(statement: str) -> Callable[[Kubectl, Storage], object]:
    return _kubectl("exec", "postgres-0", "-n", "monitoring", "-c", "postgres", "--", "psql", "-Xqc", statement)


def _key_of_map(name: str, key: str, change: Callable[[str], str]) -> Callable[[Kubectl, Storage], object]:
    """A key of a ConfigMap edited, as by kubectl edit."""

    def act(kubectl: Kubectl, _storage: Storage) -> None:
        live = json.loads(kubectl("get", "configmap", name, "-n", "monitoring", "-o", "json"))
        kubectl.patch("configmap", "monitoring", name, {"data": {key: change(live["data"][key])}})

    return act


def _template(**fields: Any) -> Any:
    return {"spec": {"template": {"spec": fields}}}


def _widen(_kubectl: Kubectl, storage: Storage) -> None:
    document = json.loads(storage.admin.policy_info("tracking-training"))
    for statement in document["Statement"]:
        if "s3:PutObject" in statement["Action"]:
            statement["Action"] = [*statement["Action"], "s3:DeleteObject"]
    storage.admin.policy_add("tracking-training", policy=document)


def _publish(_kubectl: Kubectl, storage: Storage) -> None:
    anybody = {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"]}
    statement = {**anybody, "Resource": ["arn:aws:s3:::training-results/*"]}
    storage.s3.set_bucket_policy("training-results", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def _suspend_versioning(_kubectl: Kubectl, storage: Storage) -> None:
    from minio.versioningconfig import VersioningConfig

    storage.s3.set_bucket_versioning("training-results", VersioningConfig("Suspended"))


# In this order: first what keeps the servers up while their descriptions are changed.
KUBERNETES = [
    Hand(_kubectl("rollout", "pause", "deployment/mlflow", "-n", "monitoring"), (MLFLOW, "extra", "spec.paused", "kubectl-rollout")),
    Hand(_patch("statefulset", "storage", "minio", {"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": None}}}), (MINIO, "changed", "spec.updateStrategy", "kubectl-patch")),
    Hand(_kubectl("set", "image", "deployment/mlflow", "mlflow=example.org/other:1", "-n", "monitoring"), (MLFLOW, "changed", f"{CONTAINER}.image", "kubectl-set")),
    Hand(_kubectl("set", "env", "deployment/mlflow", "-c", "mlflow", "DEBUG=1", "-n", "monitoring"), (MLFLOW, "extra", f"{CONTAINER}.env[DEBUG]", "kubectl-set")),
    Hand(_kubectl("set", "env", "deployment/mlflow", "-c", "mlflow", "HOME=/root", "-n", "monitoring"), (MLFLOW, "changed", f"{CONTAINER}.env[HOME].value", "kubectl-set")),
    Hand(_kubectl("set", "env", "deployment/mlflow", "-c", "mlflow", "GIT_PYTHON_REFRESH-", "-n", "monitoring"), (MLFLOW, "missing", f"{CONTAINER}.env[GIT_PYTHON_REFRESH]", "")),
    Hand(_kubectl("label", "deployment/mlflow", "team=x", "-n", "monitoring"), (MLFLOW, "extra", "metadata.labels.team", "kubectl-label")),
    Hand(_kubectl("annotate", "deployment/mlflow", "owner=me", "-n", "monitoring"), (MLFLOW, "extra", "metadata.annotations.owner", "kubectl-annotate")),
    Hand(_kubectl("set", "resources", "deployment/mlflow", "-c", "mlflow", "--limits=memory=9Gi", "-n", "monitoring"), (MLFLOW, "changed", f"{CONTAINER}.resources.limits.memory", "kubectl-set")),
    Hand(_patch("deployment", "monitoring", "mlflow", _template(nodeSelector={"disk": "fast"})), (MLFLOW, "extra", f"{POD}.nodeSelector", "kubectl-patch")),
    Hand(_patch("deployment", "monitoring", "mlflow", _template(hostNetwork=True)), (MLFLOW, "extra", f"{POD}.hostNetwork", "kubectl-patch")),
    Hand(_patch("deployment", "monitoring", "mlflow", {"spec": {"revisionHistoryLimit": 99}}), (MLFLOW, "changed", "spec.revisionHistoryLimit", "kubectl-patch")),
    Hand(_patch("service", "monitoring", "mlflow", {"spec": {"publishNotReadyAddresses": True}}), ("Service monitoring/mlflow", "extra", "spec.publishNotReadyAddresses", "kubectl-patch")),
    Hand(_kubectl("label", "service/mlflow", "app=other", "--overwrite", "-n", "monitoring"), ("Service monitoring/mlflow", "changed", "metadata.labels.app", "kubectl-label")),
    Hand(_patch("networkpolicy", "monitoring", "mlflow", {"spec": {"ingress": [{"ports": [{"port": 5000}]}]}}), ("NetworkPolicy monitoring/mlflow", "missing", "spec.ingress[0].from", "kubectl-patch")),
    Hand(_kubectl("delete", "networkpolicy", "minio", "-n", "storage"), ("NetworkPolicy storage/minio", "missing", "", "")),
    Hand(_patch("configmap", "training", "mlflow-config", {"data": {"mlflow-tracking-uri": None}}), ("ConfigMap training/mlflow-config", "missing", "data.mlflow-tracking-uri", "")),
    Hand(_patch("configmap", "training", "mlflow-config", {"data": {"mlflow-s3-endpoint-url": "http://elsewhere"}}), ("ConfigMap training/mlflow-config", "changed", "data.mlflow-s3-endpoint-url", "kubectl-patch")),
    Hand(_edit("configmap", "training", "mlflow-config", "s/^data:$/data:\\n  more: m/"), ("ConfigMap training/mlflow-config", "extra", "data.more", "kubectl-edit")),
    Hand(_kubectl("delete", "secret", "r2-credentials", "-n", "training"), ("Secret training/r2-credentials", "missing", "", "")),
    Hand(_patch("secret", "monitoring", "mlflow-s3-credentials", {"stringData": {"secret-key": "canary-of-hands"}}), ("Secret monitoring/mlflow-s3-credentials", "changed", "data.secret-key", "kubectl-patch")),
    Hand(_patch("secret", "monitoring", "mlflow-s3-credentials", {"stringData": {"extra": "canary-of-hands"}}), ("Secret monitoring/mlflow-s3-credentials", "extra", "data.extra", "kubectl-patch")),
    Hand(_kubectl("set", "env", "statefulset/minio", "-c", "minio", "API_TOKEN=canary-of-hands", "-n", "storage"), (MINIO, "extra", f"{POD}.containers[minio].env[API_TOKEN]", "kubectl-set")),
    Hand(_kubectl("label", "statefulset/minio", "app.kubernetes.io/name-", "-n", "storage"), (MINIO, "missing", "metadata.labels[app.kubernetes.io/name]", "")),
    Hand(_kubectl("delete", "service", "minio-console", "-n", "storage"), ("Service storage/minio-console", "missing", "", "")),
    Hand(_kubectl("label", "namespace", "storage", "pod-security.kubernetes.io/enforce=privileged", "--overwrite"), ("Namespace storage", "changed", "metadata.labels[pod-security.kubernetes.io/enforce]", "kubectl-label")),
    Hand(_kubectl("label", "namespace", "training", "team=x"), ("Namespace training", "extra", "metadata.labels.team", "kubectl-label")),
    Hand(_kubectl("label", "pvc", "minio-data", "team=x", "-n", "storage"), ("PersistentVolumeClaim storage/minio-data", "extra", "metadata.labels.team", "kubectl-label")),
    Hand(_kubectl("annotate", "pvc", "postgres-data", "tracking.mlops/inventory-", "-n", "monitoring"), ("PersistentVolumeClaim monitoring/postgres-data", "missing", "metadata.annotations[tracking.mlops/inventory]", "")),
    Hand(_kubectl("create", "service", "clusterip", "stranger", "--tcp=80", "-n", "monitoring"), ("Service monitoring/stranger", "extra", "", "kubectl-create")),
    Hand(_kubectl("create", "secret", "generic", "stranger", "--from-literal=a=canary-of-hands", "-n", "storage"), ("Secret storage/stranger", "extra", "", "kubectl-create")),
    Hand(_patch("cronjob", "monitoring", "tracking-drift", {"spec": {"suspend": True}}), ("CronJob monitoring/tracking-drift", "changed", "spec.suspend", "kubectl-patch")),
    Hand(_patch("clusterrole", "monitoring", "tracking-drift", [{"op": "add", "path": "/rules/0/verbs/-", "value": "delete"}], "json"), ("ClusterRole tracking-drift", "changed", "rules[0].verbs", "kubectl-patch")),
]  # fmt: skip
STORAGE = [
    Hand(_widen, ("Policy tracking-training", "changed", "Statement[0].Action", "")),
    Hand(_suspend_versioning, ("Bucket training-results", "changed", "versioning", "")),
    Hand(_publish, ("Bucket training-results", "changed", "access", "")),
    Hand(lambda _kubectl, storage: storage.admin.bucket_quota_set("training-results", 1 << 30), ("Bucket training-results", "changed", "quota", "")),
    Hand(lambda _kubectl, storage: storage.admin.user_disable("tracking-training"), ("User Secret storage/minio-user-training", "changed", "status", "")),
    Hand(lambda _kubectl, storage: storage.admin.user_add("tracking-mlflow", "canary-of-hands-1"), ("User Secret storage/minio-user-mlflow", "changed", "secret key", "")),
    Hand(lambda _kubectl, storage: storage.admin.policy_set("readwrite", user="tracking-mlflow"), ("User Secret storage/minio-user-mlflow", "changed", "policies[0]", "")),
]  # fmt: skip
RULES, BOARDS = "ConfigMap monitoring/prometheus-rules", "ConfigMap monitoring/grafana-dashboards"
MONITORING = [
    Hand(_key_of_map("prometheus-rules", "tracking.yml", lambda text: text.replace("MLflow is slow", "Changed by hand")), (RULES, "changed", "data[tracking.yml]", "kubectl-patch"),
         (("Rule MLflowSlow", "changed", "annotations.summary", ""),)),
    Hand(_patch("configmap", "monitoring", "grafana-dashboards", {"data": {"minio.json": None}}), (BOARDS, "missing", "data[minio.json]", ""),
         (("Dashboard tracking-minio", "missing", "", ""),)),
    Hand(_key_of_map("grafana-dashboards", "training.json", lambda text: text.replace("Tracking: training", "Changed by hand")), (BOARDS, "changed", "data[training.json]", "kubectl-patch"),
         (("Dashboard tracking-training", "changed", "title", ""),)),
    Hand(_patch("role", "storage", "tracking-prometheus", [{"op": "add", "path": "/rules/0/resources/-", "value": "secrets"}], "json"), ("Role storage/tracking-prometheus", "changed", "rules[0].resources", "kubectl-patch")),
    Hand(_kubectl("delete", "networkpolicy", "kube-state-metrics", "-n", "monitoring"), ("NetworkPolicy monitoring/kube-state-metrics", "missing", "", "")),
    Hand(_kubectl("scale", "deployment/kube-state-metrics", "--replicas=2", "-n", "monitoring"), ("Deployment monitoring/kube-state-metrics", "changed", "spec.replicas", "kubectl")),
]  # fmt: skip
POSTGRESQL = [
    Hand(_sql("ALTER ROLE mlflow CREATEDB"), ("DatabaseRole mlflow", "changed", "createdb", "")),
    Hand(_sql("ALTER ROLE mlflow SET statement_timeout = '5min'"), ("DatabaseRole mlflow", "extra", "settings.statement_timeout", "")),
    Hand(_sql("ALTER SYSTEM SET random_page_cost = 4"), ("PostgreSQL postgres.monitoring.svc:5432", "changed", "settings.random_page_cost", "")),
    Hand(_sql("SELECT pg_reload_conf(); CREATE ROLE intruder LOGIN"), ("DatabaseRole intruder", "extra", "", "")),
    Hand(_sql("ALTER DATABASE mlflow SET statement_timeout = '5min'"), ("Database mlflow", "extra", "settings.statement_timeout", "")),
]  # fmt: skip
EVERY = [*MONITORING, *KUBERNETES, *STORAGE, *POSTGRESQL]
