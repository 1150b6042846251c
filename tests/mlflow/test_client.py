"""The client against a real MLflow."""

from __future__ import annotations

import math
import secrets
import time
from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import MlflowError, Transport

NOW = int(time.time() * 1000)


@pytest.fixture
def transport(client: MlflowClient) -> Transport:
    return client._transport


@pytest.fixture
def run_id(transport: Transport) -> str:
    """An empty run in an experiment of its own."""
    experiment = transport.post("experiments/create", {"name": f"test-{secrets.token_hex(6)}"})["experiment_id"]
    created = transport.post("runs/create", {"experiment_id": experiment, "start_time": NOW})
    return str(created["run"]["info"]["run_id"])


def test_says_which_version_answers(client: MlflowClient) -> None:
    assert client.version().startswith("3.")


def test_reads_a_run_as_it_was_written(client: MlflowClient, proof: dict[str, Any]) -> None:
    run = client.run(proof["run_id"])
    assert run is not None
    assert run.status == "FINISHED"
    assert run.params == proof["params"]
    assert run.metrics == {name: points[-1][1] for name, points in proof["metrics"].items()}
    assert proof["tags"].items() <= run.tags.items()
    assert len(run.model_ids) == 1


def test_walks_the_folders_of_a_run_and_of_its_model(client: MlflowClient, proof: dict[str, Any]) -> None:
    run = client.run(proof["run_id"])
    assert run is not None
    model = client.logged_model(run.model_ids[0])
    paths = [file.path for file in client.run_files(run.run_id)]
    paths += [f"{model.name}/{file.path}" for file in client.model_files(model.model_id)]
    assert sorted(paths) == sorted([*proof["artifacts"], "digests.json"])


def test_digests_what_the_server_gives_out(client: MlflowClient, proof: dict[str, Any]) -> None:
    run_id = proof["run_id"]
    assert client.run_file_digest(run_id, "plots/loss.png") == proof["artifacts"]["plots/loss.png"]
    model_id = client.run(run_id).model_ids[0]  # type: ignore[union-attr]
    assert client.model_file_digest(model_id, "MLmodel") == proof["artifacts"]["model/MLmodel"]


def test_finds_the_last_finished_run_of_an_experiment(client: MlflowClient, proof: dict[str, Any]) -> None:
    experiment = client.experiment(proof["experiment"])
    assert experiment is not None
    last = client.last_run(experiment.experiment_id)
    assert last is not None
    assert last.run_id == proof["run_id"]


def test_turns_every_page_of_a_long_history(client: MlflowClient, transport: Transport, run_id: str) -> None:
    for begin in range(0, 2500, 1000):
        metrics = [
            {"key": "loss", "value": step / 7, "timestamp": NOW, "step": step}
            for step in range(begin, min(begin + 1000, 2500))
        ]
        transport.post("runs/log-batch", {"run_id": run_id, "metrics": metrics})
    history = client.metric_history(run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(step, step / 7) for step in range(2500)]


def test_reads_numbers_that_json_has_not(client: MlflowClient, transport: Transport, run_id: str) -> None:
    transport.post("runs/log-metric", {"run_id": run_id, "key": "loss", "value": "NaN", "timestamp": NOW})
    assert math.isnan(client.metric_history(run_id, "loss")[0].value)
    run = client.run(run_id)
    assert run is not None
    assert math.isnan(run.metrics["loss"])


def test_what_is_not_there_is_none(client: MlflowClient, proof: dict[str, Any]) -> None:
    assert client.run("0" * 32) is None
    assert client.experiment("no such experiment") is None
    assert client.model_version(proof["experiment"], "4711") is None
    assert client.model_version("no such model", "1") is None
    assert client.alias(proof["experiment"], "nobody") is None
    assert client.metric_history(proof["run_id"], "no such metric") == []


def test_an_alias_leads_to_its_version(client: MlflowClient, proof: dict[str, Any]) -> None:
    version = client.alias(proof["experiment"], "champion")
    assert version is not None
    assert (version.version, version.stage) == (proof["model_versions"][0]["version"], "Production")


def test_is_known_to_the_server_by_the_name_it_is_given(stack: Any) -> None:
    with Transport(stack.mlflow_url, host_header="mlflow.example:5000") as transport:
        assert list(MlflowClient(transport).experiments())


def test_a_foreign_name_is_refused_and_the_variable_named(stack: Any) -> None:
    with (
        Transport(stack.mlflow_url, host_header="evil.example") as transport,
        pytest.raises(MlflowError, match="mlflow_extra_allowed_hosts") as caught,
    ):
        list(MlflowClient(transport).experiments())
    assert caught.value.status == 403


def test_another_server_is_not_taken_for_mlflow(stack: Any) -> None:
    with Transport(stack.minio_url) as transport, pytest.raises(MlflowError) as caught:
        list(MlflowClient(transport).experiments())
    assert caught.value.status == 403


def test_nobody_there_is_said_in_one_sentence() -> None:
    with Transport("http://127.0.0.1:9", timeout=1) as transport, pytest.raises(MlflowError, match="does not answer"):
        MlflowClient(transport).run("abc")
