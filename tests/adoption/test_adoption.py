"""A hand-made MLflow on a real cluster that is written to all the time becomes the stack's own, and loses nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping

import made_by_hand
import pytest
import urllib3
from playbook import ROOT, command_of, run_playbook
from writer import Writer

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport

RUNS = 300
DEPLOYMENT = "/apis/apps/v1/namespaces/monitoring/deployments/mlflow"
RECEIVER = "/api/v1/namespaces/monitoring/pods/mlflow-adoption"
QUICK = ("-e", "prove=never")


def lost(url: str, writer: Writer) -> list[str]:
    """What was acknowledged by either server and the present one does not give out."""
    missing = []
    with Transport(url) as transport:
        client = MlflowClient(transport)
        for run_id, (number, done) in writer.acknowledged.items():
            run = client.run(run_id)
            if run is None:
                missing.append(f"run {number}")
                continue
            held: Mapping[str, bool] = {
                "param": run.params.get("number") == str(number),
                "metric": run.metrics.get("loss") == 1 / number,
                "end": run.status == "FINISHED",
                "artifact": "artifact" not in done or artifact(url, run_id) == str(number).encode(),
            }
            missing += [f"{what} of run {number}" for what in done if not held[what]]
    return missing


def artifact(url: str, run_id: str) -> bytes:
    return urllib3.request("GET", f"{url}/get-artifact?run_id={run_id}&path=number.txt", retries=False).data


def count_of_old_runs(url: str) -> int:
    with Transport(url) as transport:
        asked = {"experiment_ids": ["0"], "filter": "attributes.run_name LIKE 'old-%'", "max_results": 1000}
        return len(transport.post("runs/search", asked)["runs"])


def killed(when: Callable[[], bool]) -> None:
    """site.yml, killed with all its descendants in the moment that `when` tells."""
    process = subprocess.Popen(command_of("site.yml", *QUICK), cwd=ROOT, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not when():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for each in [process.pid, *descendants(process.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    process.wait()


def descendants(parent: int) -> list[int]:
    """Ansible's workers and modules are in sessions of their own, and outlive it."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in listed.splitlines():
        pid, ppid = map(int, line.split())
        children.setdefault(ppid, []).append(pid)
    found = list(children.get(parent, []))
    for each in found:
        found += children.get(each, [])
    return found


def is_deleted(cluster: Cluster) -> bool:
    live = cluster.get(DEPLOYMENT)
    return live is None or bool(live["metadata"].get("deletionTimestamp"))


def check_is_ours(cluster: Cluster) -> None:
    spec = cluster.request("GET", DEPLOYMENT)["spec"]["template"]["spec"]
    assert [each["name"] for each in spec["containers"]] == ["mlflow", "exporter"]
    assert [each for each in spec["volumes"] if each["name"] == "data"] == []
    service = cluster.request("GET", "/api/v1/namespaces/monitoring/services/mlflow")["spec"]
    assert service["selector"] == {"app": "mlflow"}
    assert cluster.get(RECEIVER) is None
    assert run_playbook(*QUICK).recap("changed") == 0


@pytest.fixture
def forgotten(cluster: Cluster) -> None:
    """Nothing is left of an earlier MLflow."""
    namespace = f"/api/v1/namespaces/{made_by_hand.NAMESPACE}"
    if cluster.get(namespace):
        cluster.request("DELETE", namespace)
    deadline = time.monotonic() + 120
    while cluster.get(namespace):
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.mark.usefixtures("forgotten")
def test_adopts_what_is_on_an_empty_dir(cluster: Cluster, image: str, url: str) -> None:
    made_by_hand.kubectl_apply(cluster, *made_by_hand.on_empty_dir(image))
    made_by_hand.wait_until_answers(url)
    made_by_hand.filled(url, RUNS)
    with Writer(url, every=0.25, with_artifacts=True) as writer:
        writer.wait_for(10)
        predicted = run_playbook("--check", "--diff")
        assert predicted.status == 0, predicted.output[-4000:]
        assert "runs in SQLite /data/mlflow.db" in predicted.output
        assert "before: Deployment monitoring/mlflow (not there)" in predicted.output
        assert not is_deleted(cluster)
        killed(lambda: cluster.get(RECEIVER) is not None)
        writer.wait_for(5)  # the old server goes on
        done = run_playbook(*QUICK)
        assert done.status == 0, done.output[-4000:]
        assert "adopted runs are as they were through the API" in done.output
        writer.wait_for(5)  # the new one
    assert writer.refusals > 0
    assert count_of_old_runs(url) == RUNS
    assert lost(url, writer) == []
    check_is_ours(cluster)


@pytest.mark.usefixtures("forgotten")
def test_adopts_what_is_on_another_claim(cluster: Cluster, image: str, url: str) -> None:
    made_by_hand.kubectl_apply(cluster, *made_by_hand.on_another_claim(image))
    made_by_hand.wait_until_answers(url)
    made_by_hand.filled(url, RUNS)
    with Writer(url, every=0.25, with_artifacts=True) as writer:
        writer.wait_for(10)
        killed(lambda: is_deleted(cluster))  # from here the claim must have everything
        done = run_playbook(*QUICK)
        assert done.status == 0, done.output[-4000:]
        writer.wait_for(5)
    assert count_of_old_runs(url) == RUNS
    assert lost(url, writer) == []
    assert cluster.get(f"/api/v1/namespaces/monitoring/persistentvolumeclaims/{made_by_hand.OTHER_CLAIM}")
    check_is_ours(cluster)
