"""What a second run, a prediction and a repair do on the running stack."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playbook import Run, run_playbook

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

SERVICE = "/api/v1/namespaces/monitoring/services/mlflow"
CONFIGURATION = "/api/v1/namespaces/training/configmaps/mlflow-config"


def merge(cluster: Cluster, path: str, patch: dict[str, object]) -> None:
    cluster.request("PATCH", path, body=patch, content_type="application/merge-patch+json")


@pytest.fixture(scope="module")
def second_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str]:
    """A no-change run that says as much as Ansible can, and what it wrote to its log file."""
    log = tmp_path_factory.mktemp("log") / "ansible.log"
    run = run_playbook("-vvv", "--diff", environment={"ANSIBLE_LOG_PATH": str(log)})
    return run, log.read_text(encoding="utf-8")


def test_changes_nothing(second_run: tuple[Run, str]) -> None:
    run, _ = second_run
    assert run.status == 0, run.output[-4000:]
    assert run.recap("changed") == 0


def test_ends_with_a_summary_of_places_and_proofs(second_run: tuple[Run, str]) -> None:
    run, _ = second_run
    summary = run.output.partition("SUMMARY of ")[2]
    assert "0 changed" in summary
    for title, place in {
        "as it was": "Deploy MLflow: 6 objects: 6 unchanged",
        "urls": "http://mlflow.monitoring.svc.cluster.local:5000",
        "credentials": "Secret training/r2-credentials",
        "proved": "nothing has changed since",
    }.items():
        assert [line for line in summary.splitlines() if title in line], summary
        assert place in summary


def test_says_no_secret_even_at_its_loudest(cluster: Cluster, second_run: tuple[Run, str]) -> None:
    run, log = second_run
    secrets = [
        (f"{namespace}/{secret['metadata']['name']}:{key}", value)
        for namespace in ("storage", "monitoring", "training")
        for secret in cluster.request("GET", f"/api/v1/namespaces/{namespace}/secrets")["items"]
        for key, value in (secret.get("data") or {}).items()
        if key in ("root-password", "secret-key", "password")
    ]
    assert len(secrets) >= 6
    said = run.output + log
    shown = [name for name, value in secrets if value in said or base64.b64decode(value).decode() in said]
    assert shown == []


def test_predicts_a_repair_and_then_does_just_that(cluster: Cluster) -> None:
    cluster.request("DELETE", SERVICE)
    merge(cluster, CONFIGURATION, {"data": {"mlflow-tracking-uri": "http://elsewhere:5000"}})
    predicted = run_playbook("--check", "--diff", "-e", "prove=never")
    assert predicted.status == 0, predicted.output[-4000:]
    assert cluster.get(SERVICE) is None
    assert "http://elsewhere:5000" in predicted.output
    done = run_playbook("-e", "prove=never")
    assert done.status == 0, done.output[-4000:]
    assert done.recap("changed") == predicted.recap("changed") > 0
    assert cluster.get(SERVICE) is not None
    repaired = cluster.request("GET", CONFIGURATION)["data"]["mlflow-tracking-uri"]
    assert repaired == "http://mlflow.monitoring.svc.cluster.local:5000"
    assert run_playbook("--check", "-e", "prove=never").recap("changed") == 0


def test_verify_passes_and_changes_nothing() -> None:
    run = run_playbook(name="verify.yml")
    assert run.status == 0, run.output[-4000:]
    assert run.recap("changed") == 0


def test_leaves_no_pod_of_the_preflight_behind(cluster: Cluster) -> None:
    pods = cluster.request("GET", "/api/v1/namespaces/default/pods")["items"]
    assert [pod["metadata"]["name"] for pod in pods if pod["metadata"]["name"].startswith("preflight-")] == []


def test_every_playbook_has_a_line_at_the_root() -> None:
    root = Path(__file__).parents[2]
    for name in ("site.yml", "verify.yml", "absent.yml"):
        assert f"playbooks/{name}" in (root / name).read_text(encoding="utf-8")
