"""What preflight finds by asking a real API server, and that it writes nothing there."""

from __future__ import annotations

from typing import Any

from engine import Engine
from objects_to_apply import deployment

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.preflight import cluster as looks
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.backends import impossible_backends
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.looks import look

NOTHING: dict[str, Any] = {
    name: []
    for name in (
        "findings",
        "permissions",
        "storage_classes",
        "node_ports",
        "images",
        "secrets",
        "backends",
        "buckets",
        "claims",
        "s3",
    )
}
CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "plain"},
    "provisioner": "example.org/none",
}


def service(namespace: str, name: str, port: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"type": "NodePort", "selector": {"app": "none"}, "ports": [{"port": 80, "nodePort": port}]},
    }


def wants_port(namespace: str, name: str, port: int) -> dict[str, Any]:
    return {"variable": "mlflow_node_port", "port": port, "namespace": namespace, "service": name}


def test_names_the_service_that_holds_a_node_port(engine: Engine) -> None:
    engine.create(service(engine.namespace, "holder", 30711))
    [finding] = looks.taken_node_ports(engine.cluster, [wants_port(engine.namespace, "mlflow", 30711)])
    assert finding.subject == "Variable mlflow_node_port"
    assert f"{engine.namespace}/holder" in finding.why


def test_lets_a_service_keep_its_own_node_port(engine: Engine) -> None:
    engine.create(service(engine.namespace, "mlflow", 30712))
    assert looks.taken_node_ports(engine.cluster, [wants_port(engine.namespace, "mlflow", 30712)]) == []


def test_says_that_no_class_is_the_default_until_a_claim_exists(engine: Engine) -> None:
    want = {"variable": "persistence_storage_class", "name": "", "namespace": engine.namespace, "claim": "data"}
    engine.create(CLASS)
    [finding] = looks.missing_storage_classes(engine.cluster, [want])
    assert "no default StorageClass; the cluster has: plain" in finding.why
    engine.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data", "namespace": engine.namespace},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }
    )
    assert looks.missing_storage_classes(engine.cluster, [want]) == []


def test_says_which_credentials_are_gone_while_their_data_is_there(engine: Engine) -> None:
    want = {
        "claim": f"{engine.namespace}/minio-data",
        "secret": f"{engine.namespace}/minio-root",
        "variable": "minio_root_regenerate",
    }
    assert looks.lost_secrets(engine.cluster, [want]) == []
    engine.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "minio-data", "namespace": engine.namespace},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }
    )
    [finding] = looks.lost_secrets(engine.cluster, [want])
    assert finding.subject == "Variable minio_root_regenerate"


def wants_sqlite(namespace: str) -> dict[str, Any]:
    return {
        "variable": "mlflow_backend",
        "backend": "auto",
        "namespace": namespace,
        "deployment": "mlflow",
        "sqlite_claim": "mlflow-pvc",
        "postgres_claim": "postgres-data",
        "replicas_variable": "mlflow_replicas",
        "replicas": 1,
    }


def test_refuses_to_apply_to_a_server_of_ours_that_somebody_pointed_elsewhere(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace, "mlflow"))
    [finding] = impossible_backends(engine.cluster, [wants_sqlite(engine.namespace)])
    assert finding.subject == f"Deployment {engine.namespace}/mlflow"
    assert "on no claim, so they end with its pod" in finding.why


def test_lets_a_server_on_the_claim_be_applied_again(engine: Engine) -> None:
    made = deployment(engine.namespace, "mlflow")
    made["spec"]["template"]["spec"]["volumes"] = [
        {"name": "scratch", "persistentVolumeClaim": {"claimName": "mlflow-pvc"}}
    ]
    engine.apply(made)
    assert impossible_backends(engine.cluster, [wants_sqlite(engine.namespace)]) == []


def test_allows_whoever_may_do_everything(engine: Engine) -> None:
    wanted = [{"namespace": engine.namespace, "resources": ["secrets", "deployments.apps"]}]
    assert looks.missing_permissions(engine.cluster, wanted) == []


def test_names_what_the_user_of_the_context_may_not_do(engine: Engine) -> None:
    wanted = [{"namespace": engine.namespace, "resources": ["secrets"], "verbs": ["create", "patch"]}]
    with Cluster(engine.cluster.kubeconfig, "looker") as looker:
        [finding] = looks.missing_permissions(looker, wanted)
    assert finding.why == f"its user may not create/patch secrets in namespace {engine.namespace}"


def test_writes_nothing(engine: Engine) -> None:
    mark = engine.audit_mark()
    seen = look(
        {
            **NOTHING,
            "kubeconfig": engine.cluster.kubeconfig,
            "context": engine.cluster.context,
            "image_timeout": 1,
            "permissions": [{"namespace": engine.namespace, "resources": ["secrets"]}],
            "node_ports": [wants_port(engine.namespace, "mlflow", 30713)],
        },
        check_mode=False,
    )
    assert seen.findings == []
    reviews = [write for write in engine.server.writes_since(mark) if "selfsubjectaccessreviews" not in write]
    assert reviews == []
