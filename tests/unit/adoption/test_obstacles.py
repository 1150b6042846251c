"""Which servers are adopted, and what is said of the others: one sentence with its mend."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.obstacles import Wish, obstacles

FACTS: dict[str, Any] = {
    "backend": "sqlite:///mlflow.db",
    "registry": "sqlite:///mlflow.db",
    "is_registry_apart": False,
    "path": "/data/mlflow.db",
    "revision": "abc",
    "serves_artifacts": True,
    "destination": "./mlartifacts",
    "endpoint": "",
    "artifacts": "/data/mlartifacts",
    "files": 3,
    "places": [],
    "app": "",
    "can_be_stopped": True,
}
DESTINATION, ENDPOINT = "s3://results/artifacts", "http://minio.storage.svc.cluster.local:9000"
IN_A_BUCKET = {"destination": f"{DESTINATION}/", "endpoint": ENDPOINT, "artifacts": None, "files": 0}


def found(adopt: str = "auto", **facts: object) -> list[str]:
    every = obstacles({**FACTS, **facts}, Wish(adopt, DESTINATION, ENDPOINT))
    return [f"{each.why}. {each.mend}" for each in every]


def test_the_usual_start_is_adopted() -> None:
    assert found() == []


def test_a_server_whose_artifacts_are_in_our_bucket_is_adopted() -> None:
    assert found(**IN_A_BUCKET) == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"path": None, "backend": "./mlruns"}, ["files in ./mlruns", "migrate-filestore"]),
        ({"path": None, "backend": "file:///data/mlruns"}, ["files in file:///data/mlruns"]),
        ({"path": None, "backend": "postgresql://db/mlflow"}, ["postgresql://db/mlflow", "postgres_mode"]),
        ({"revision": None}, ["is not MLflow's"]),
        ({"is_registry_apart": True, "registry": "sqlite:///r.db"}, ["model registry", "sqlite:///r.db"]),
        ({"app": "basic-auth"}, ["--app-name basic-auth", "mlflow_adopt"]),
    ],
)
@pytest.mark.parametrize("adopt", ["auto", "without_artifacts"])
def test_a_database_that_cannot_come_along_is_refused(adopt: str, facts: dict[str, Any], words: list[str]) -> None:
    [sentence] = found(adopt, **facts)
    assert [word for word in words if word not in sentence] == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"places": ["/data/mlruns/0"]}, ["/data/mlruns/0", "mlflow_adopt"]),
        ({**IN_A_BUCKET, "destination": "s3://other/place"}, ["s3://other/place", "mlflow_artifacts_destination"]),
        ({**IN_A_BUCKET, "endpoint": "https://s3.example.org"}, ["https://s3.example.org", "mlflow_s3_endpoint_url"]),
        ({"can_be_stopped": False}, ["first process", "mlflow server"]),
    ],
)
def test_artifacts_that_would_be_lost_are_refused_unless_they_are_to_be_left(
    facts: dict[str, Any], words: list[str]
) -> None:
    [sentence] = found(**facts)
    assert [word for word in [*words, "without_artifacts"] if word not in sentence] == []
    assert found("without_artifacts", **facts) == []
