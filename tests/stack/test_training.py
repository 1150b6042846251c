"""Training Jobs on the running stack: the proof, and Jobs as users write them."""

from __future__ import annotations

import hashlib
import secrets

import pytest
from playbook import run_playbook
from user_job import run_training

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.records import Run
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage
from ansible_collections.mlops.tracking.plugins.module_utils.storage.content import digest_of, sizes_below

PROOF = "training-proof"
FOUR = {
    "MLFLOW_TRACKING_URI",
    "MLFLOW_S3_ENDPOINT_URL",
    "MLFLOW_S3_IGNORE_TLS",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
}

# The quickstart of MLflow's documentation, but for the experiment's name and place.
QUICKSTART = """
import sys
import mlflow
from mlflow.models import infer_signature
from sklearn import datasets
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

name, location = sys.argv[1:]
if location:
    mlflow.create_experiment(name, artifact_location=location)
mlflow.set_experiment(name)
X, y = datasets.load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
params = {"solver": "lbfgs", "max_iter": 1000, "random_state": 8888}
lr = LogisticRegression(**params)
lr.fit(X_train, y_train)
accuracy = accuracy_score(y_test, lr.predict(X_test))
with mlflow.start_run():
    mlflow.log_params(params)
    mlflow.log_metric("accuracy", accuracy)
    mlflow.log_text("by hand", "notes/note.txt")
    mlflow.set_tag("Training Info", "Basic LR model for iris data")
    signature = infer_signature(X_train, lr.predict(X_train))
    model_info = mlflow.sklearn.log_model(
        sk_model=lr, name="iris_model", signature=signature, input_example=X_train, registered_model_name=name
    )
loaded_model = mlflow.pyfunc.load_model(model_info.model_uri)
assert (loaded_model.predict(X_test) == lr.predict(X_test)).all()
print("predicted the same")
"""


def last_run(mlflow: MlflowClient, name: str) -> Run:
    experiment = mlflow.experiment(name)
    assert experiment is not None
    run = mlflow.last_run(experiment.experiment_id)
    assert run is not None
    return run


def train(cluster: Cluster, mlflow: MlflowClient, location: str = "") -> Run:
    name = f"quickstart-{secrets.token_hex(4)}"
    log = run_training(cluster, QUICKSTART, name, location.format(name=name))
    assert "predicted the same" in log
    run = last_run(mlflow, name)
    version = mlflow.model_version(name, "1")
    assert version is not None
    assert version.run_id == run.run_id
    assert (run.params["max_iter"], run.metrics["accuracy"], run.tags["Training Info"]) == (
        "1000",
        1.0,
        "Basic LR model for iris data",
    )
    return run


def test_a_job_of_the_documentation_works_with_artifacts_through_the_server(
    cluster: Cluster, mlflow: MlflowClient, storage_of_jobs: Storage
) -> None:
    run = train(cluster, mlflow)
    assert run.artifact_uri.startswith("mlflow-artifacts:/")
    kept = f"mlflow-artifacts/{run.experiment_id}/{run.run_id}/artifacts"
    assert list(sizes_below(storage_of_jobs, "training-results", kept)) == ["notes/note.txt"]


def test_a_job_of_the_documentation_works_with_artifacts_directly_on_s3(
    cluster: Cluster, mlflow: MlflowClient, storage_of_jobs: Storage
) -> None:
    run = train(cluster, mlflow, "s3://training-results/mlflow-artifacts/direct/{name}")
    assert run.artifact_uri.startswith("s3://training-results/mlflow-artifacts/direct/quickstart-")
    key = run.artifact_uri.removeprefix("s3://training-results/") + "/notes/note.txt"
    written = hashlib.sha256(b"by hand").hexdigest()
    assert digest_of(storage_of_jobs, "training-results", key) == written
    assert mlflow.run_file_digest(run.run_id, "notes/note.txt") == written, "the UI shows it as well"


def test_the_proof_has_what_any_job_has_and_no_more(cluster: Cluster) -> None:
    job = cluster.request("GET", "/apis/batch/v1/namespaces/training/jobs/training-proof")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert {variable["name"] for variable in container["env"]} == {*FOUR, "HOME"}
    config = cluster.request("GET", "/api/v1/namespaces/training/configmaps/mlflow-config")["data"]
    assert set(config) == {"mlflow-tracking-uri", "mlflow-s3-endpoint-url"}
    secret = cluster.request("GET", "/api/v1/namespaces/training/secrets/r2-credentials")["data"]
    assert set(secret) == {"access-key", "secret-key"}


def test_the_proof_is_in_the_registry_with_alias_and_stage(mlflow: MlflowClient) -> None:
    version = mlflow.alias(PROOF, "champion")
    assert version is not None
    assert version.stage == "Production"
    run = last_run(mlflow, PROOF)
    assert version.run_id == run.run_id
    assert len(mlflow.metric_history(run.run_id, "train_loss")) == 20
    assert "plots/loss.png" in [file.path for file in mlflow.run_files(run.run_id)]


@pytest.mark.parametrize(("prove", "runs"), [("never", 0), ("changed", 0), ("always", 1)])
def test_proves_as_often_as_it_is_asked_to(mlflow: MlflowClient, prove: str, runs: int) -> None:
    before = mlflow.alias(PROOF, "champion")
    run = run_playbook("-e", f"prove={prove}")
    assert run.status == 0, run.output[-4000:]
    after = mlflow.alias(PROOF, "champion")
    assert before is not None
    assert after is not None
    assert int(after.version) == int(before.version) + runs
    assert ("equal in MLflow and in the bucket" in run.output) == bool(runs)
