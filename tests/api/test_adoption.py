"""What a real API server tells of a Deployment that somebody made by hand, and how it is predicted to be made anew."""

from __future__ import annotations

import pytest
from controllers import container, pod, replica_set
from engine import JSON, Engine
from objects_to_apply import deployment, service

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.adoptee import find_adoptee
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.replacing import Replacing
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.backend import Place, look
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.backends import impossible_backends
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

RUNNING = {"phase": "Running", "containerStatuses": [container({"running": {}})]}


def findings(engine: Engine, cluster: Cluster | None = None, **more: object) -> list[Finding]:
    want = {
        "variable": "mlflow_backend",
        "backend": "auto",
        "namespace": engine.namespace,
        "deployment": "mlflow",
        "sqlite_claim": "mlflow-pvc",
        "postgres_claim": "postgres-data",
        "replicas_variable": "mlflow_replicas",
        "replicas": 1,
    }
    return impossible_backends(cluster or engine.cluster, [{**want, **more}])


def hand_made(engine: Engine) -> JSON:
    """With the ReplicaSet of its present template, and no pod yet."""
    made = engine.create(deployment(engine.namespace, "mlflow"))
    replica_set(engine, made, 2)
    return made


def test_knows_a_deployment_that_was_never_applied_from_here(engine: Engine) -> None:
    place = Place(engine.namespace, "mlflow", "mlflow-pvc", "postgres-data")
    assert not look(engine.cluster, place).is_foreign
    engine.create(deployment(engine.namespace, "mlflow"))
    assert look(engine.cluster, place).is_foreign
    engine.apply(deployment(engine.namespace, "mlflow"), force=("spec",))
    assert not look(engine.cluster, place).is_foreign


def test_refuses_one_that_has_no_pod_to_copy_from(engine: Engine) -> None:
    hand_made(engine)
    [finding] = findings(engine)
    assert finding.subject == f"Deployment {engine.namespace}/mlflow"
    assert "no pod of it runs" in finding.why


def test_refuses_one_with_more_pods_of_whatever_template(engine: Engine) -> None:
    made = hand_made(engine)
    for revision in (1, 2):
        maker = replica_set(engine, made, revision) if revision == 1 else _replica_set(engine, revision)
        pod(engine, maker, **RUNNING)
    [finding] = findings(engine)
    assert "it has 2 pods, each of which may have a database of its own" in finding.why


def test_says_where_its_pod_cannot_be_looked_into(engine: Engine) -> None:
    hand_made(engine)
    pod(engine, _replica_set(engine, 2), **RUNNING)
    [finding] = findings(engine)
    assert "what its server runs on cannot be seen" in finding.why


def test_refuses_every_one_where_adoption_is_not_wanted(engine: Engine) -> None:
    hand_made(engine)
    [finding] = findings(engine, adopt="never")
    assert finding.subject == "Variable mlflow_adopt"


def test_says_what_the_user_may_not_do_in_its_pod(engine: Engine) -> None:
    hand_made(engine)
    engine.allow_looker(["get", "list"], ["*"], "*")
    with Cluster(engine.cluster.kubeconfig, "looker") as looker:
        [finding] = findings(engine, looker)
    assert finding.why == (
        f"its user may not create/delete pods/exec, create/delete pods in namespace {engine.namespace}"
    )


def test_takes_a_service_of_the_name_along_unless_it_is_ours(engine: Engine) -> None:
    hand_made(engine)
    pod(engine, _replica_set(engine, 2), **RUNNING)
    adoptee = find_adoptee(engine.cluster, engine.namespace, "mlflow")
    replacing = Replacing(engine.cluster, adoptee, "mlflow", "mlops.tracking", Progress())
    assert [each.kind for each in replacing.references()] == ["Deployment"]
    engine.create(service(engine.namespace, "mlflow"))
    assert [each.kind for each in replacing.references()] == ["Deployment", "Service"]
    engine.apply(service(engine.namespace, "mlflow"))
    assert [each.kind for each in replacing.references()] == ["Deployment"]


def test_a_deployment_that_went_meanwhile_is_not_adopted(engine: Engine) -> None:
    with pytest.raises(TrackingError, match="not there any more"):
        find_adoptee(engine.cluster, engine.namespace, "mlflow")


def test_what_an_earlier_task_deletes_is_predicted_to_be_made_anew(engine: Engine) -> None:
    made = engine.create(deployment(engine.namespace, "mlflow"))
    wanted = deployment(engine.namespace, "mlflow")
    wanted["spec"]["selector"] = {"matchLabels": {"app": "another"}}
    wanted["spec"]["template"]["metadata"]["labels"] = {"app": "another"}
    gone = frozenset({f"Deployment {engine.namespace}/mlflow"})
    [row] = engine.plan(wanted, check=True, expected_gone=gone).rows
    assert (row.action.value, row.reason) == (
        "created",
        "somebody else made it, so it is to be deleted, and made anew once it is gone",
    )
    assert engine.live(made)["metadata"]["uid"] == made["metadata"]["uid"]


def _replica_set(engine: Engine, revision: int) -> JSON:
    path = f"/apis/apps/v1/namespaces/{engine.namespace}/replicasets/mlflow-hash{revision}"
    return engine.cluster.request("GET", path)
