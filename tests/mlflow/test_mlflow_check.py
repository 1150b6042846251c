"""Module mlflow_check on a real run, a real server and a real bucket."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHECKED = ("run_id", "params", "metrics", "tags", "model_versions", "artifacts")
Check = Callable[..., dict[str, Any]]


@pytest.fixture
def expected(proof: dict[str, Any], stack: Any) -> dict[str, Any]:
    """The proof's evidence as options, and the bucket."""
    storage = {
        "endpoint": stack.minio_url,
        "access_key": stack.keys.access_key,
        "secret_key": stack.keys.secret_key,
        "bucket": "training-results",
        "prefix": "mlflow-artifacts",
    }
    return {**{name: proof[name] for name in CHECKED}, "storage": storage}


@contextmanager
def changed_object(stack: Any, path: str, content: bytes | None) -> Iterator[None]:
    """Another content at `path` in the bucket, or none, for a while."""
    s3 = stack.storage.s3
    try:
        before = s3.get_object("training-results", path).read()
    except Exception:
        before = None
    if content is None:
        s3.remove_object("training-results", path)
    else:
        s3.put_object("training-results", path, io.BytesIO(content), len(content))
    try:
        yield
    finally:
        if before is None:
            s3.remove_object("training-results", path)
        else:
            s3.put_object("training-results", path, io.BytesIO(before), len(before))


def path_of(proof: dict[str, Any], name: str) -> str:
    return f"mlflow-artifacts/{proof['experiment_id']}/{proof['run_id']}/artifacts/{name}"


def test_finds_a_whole_run_equal(mlflow_check: Check, expected: dict[str, Any]) -> None:
    result = mlflow_check(**expected)
    assert "failed" not in result, result
    assert result["changed"] is False
    compared = result["compared"]
    assert (compared["values"], compared["metrics"], compared["params"], compared["tags"]) == (60, 3, 5, 2)
    assert compared["artifacts"] == compared["digests"] == len(expected["artifacts"]) + 1  # and digests.json itself
    assert result["summary"].endswith("equal in MLflow and in the bucket")


def test_finds_the_last_run_of_an_experiment(mlflow_check: Check, proof: dict[str, Any]) -> None:
    result = mlflow_check(experiment=proof["experiment"])
    assert result["run"]["run_id"] == proof["run_id"]
    assert result["summary"].endswith("equal in MLflow")


def test_looks_at_the_server_alone(mlflow_check: Check) -> None:
    result = mlflow_check()
    assert result["server"]["experiments"] >= 1
    assert "run" not in result


def test_names_everything_that_differs_at_once(mlflow_check: Check, expected: dict[str, Any]) -> None:
    version = {**expected["model_versions"][0], "stage": "Archived", "aliases": ["champion", "nobody"]}
    wrong = {
        "params": {**expected["params"], "epochs": "21"},
        "tags": {"purpose": "play"},
        "metrics": {"train_loss": [[0, 0.5]], "test_accuracy": 0.5},
        "model_versions": [version],
        "artifacts": {**expected["artifacts"], "loss.csv": "0" * 64, "gone.txt": "0" * 64},
    }
    result = mlflow_check(**{**expected, **wrong})
    assert result["failed"]
    found = {one["what"] for one in result["error"]["differences"]}
    for what in ("param 'epochs'", "tag 'purpose'", "metric 'test_accuracy'", "artifact 'gone.txt'"):
        assert what in found
    assert len(found) == 9, found


def test_sees_another_content_of_the_same_size_in_the_bucket(
    mlflow_check: Check, expected: dict[str, Any], proof: dict[str, Any], stack: Any
) -> None:
    path = path_of(proof, "loss.csv")
    real = stack.storage.s3.get_object("training-results", path).read()
    forged = real.replace(b"0", b"1")
    assert forged != real
    with changed_object(stack, path, forged):
        result = mlflow_check(**expected)
    assert result["failed"]
    differences = result["error"]["differences"]
    assert {one["found"] for one in differences} == {hashlib.sha256(forged).hexdigest()}
    assert f"s3://training-results/{path}" in result["msg"]


def test_sees_an_object_that_is_gone_and_one_too_many(
    mlflow_check: Check, expected: dict[str, Any], proof: dict[str, Any], stack: Any
) -> None:
    with changed_object(stack, path_of(proof, "plots/loss.png"), None):
        gone = mlflow_check(**expected)
    assert "artifact 'plots/loss.png' is missing" in gone["msg"]
    model = f"mlflow-artifacts/{proof['experiment_id']}/models/"
    (first, *_) = stack.storage.s3.list_objects("training-results", prefix=model, recursive=True)
    with changed_object(stack, first.object_name, None):
        assert "'model/" in mlflow_check(**expected)["msg"]
    assert "failed" not in mlflow_check(**expected)


def test_what_is_not_there_is_said_in_one_sentence(mlflow_check: Check) -> None:
    assert mlflow_check(run_id="0" * 32)["msg"].startswith("MLflow has no run 000")
    assert mlflow_check(experiment="nothing")["msg"].startswith("MLflow has no experiment 'nothing'")
    assert mlflow_check(experiment="Default")["msg"].startswith("Experiment 'Default' has no finished run")


def test_says_no_secret_when_the_storage_refuses(
    mlflow_check: Check, expected: dict[str, Any], proof: dict[str, Any]
) -> None:
    storage = {**expected["storage"], "secret_key": "not-the-secret-key"}
    result = mlflow_check(run_id=proof["run_id"], storage=storage)
    assert result["failed"]
    assert "is not the one of access key" in result["msg"]
    assert "not-the-secret-key" not in str(result["msg"]) + str(result["error"])
