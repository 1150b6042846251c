"""Bad input is refused in one clear sentence that names the variable, before anything is changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from playbook import Run, run_playbook

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

BAD_INPUT = {
    "an unknown backend": (["-e", "mlflow_backend=mysql"], "mlflow_backend", "sqlite"),
    "a bucket name S3 refuses": (["-e", "minio_bucket=Training_Results"], "minio_bucket", "lower case"),
    "workers that are no number": (["-e", "mlflow_workers=many"], "mlflow_workers", "int"),
    "no workers": (["-e", "mlflow_workers=0"], "mlflow_workers", "1"),
    "a port outside the range": (["-e", "mlflow_node_port=80"], "mlflow_node_port", "30000"),
    "one port twice": (["-e", "mlflow_node_port=30901"], "mlflow_node_port", "30901"),
    "a misspelt variable": (["-e", "minio_buckt=training"], "minio_buckt", "minio_bucket"),
    "an unknown storage class": (["-e", "persistence_storage_class=gold"], "persistence_storage_class", "mlflow-pvc"),
    "a missing kubeconfig": (
        ["-e", "kubernetes_kubeconfig=/nonexistent/config"],
        "kubernetes_kubeconfig",
        "/nonexistent/config",
    ),
    "an unknown context": (["-e", "kubernetes_context=nowhere"], "kubernetes_context", "nowhere"),
    "an external S3 without an address": (["-e", "minio_mode=external"], "minio_external", "minio_mode"),
}


KINDS = (
    "/apis/apps/v1/namespaces/{}/deployments",
    "/apis/apps/v1/namespaces/{}/statefulsets",
    "/apis/batch/v1/namespaces/{}/jobs",
    "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "/api/v1/namespaces/{}/configmaps",
    "/api/v1/namespaces/{}/persistentvolumeclaims",
    "/api/v1/namespaces/{}/secrets",
    "/api/v1/namespaces/{}/services",
)


def state(cluster: Cluster) -> dict[str, str]:
    """Path -> resourceVersion of everything that the roles make."""
    paths = [kind.format(namespace) for kind in KINDS for namespace in ("storage", "monitoring", "training")]
    return {
        f"{path}/{item['metadata']['name']}": item["metadata"]["resourceVersion"]
        for path in paths
        for item in cluster.request("GET", path)["items"]
    }


def refused(run: Run) -> None:
    assert run.status != 0, run.output
    assert run.recap("changed") == 0, run.output
    assert "nothing was changed" in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize("case", BAD_INPUT)
def test_is_refused_in_a_sentence_that_names_the_variable(cluster: Cluster, case: str) -> None:
    arguments, variable, word = BAD_INPUT[case]
    before = state(cluster)
    run = run_playbook(*arguments)
    refused(run)
    assert [line for line in run.output.splitlines() if variable in line and word in line], run.output
    assert state(cluster) == before


def test_says_everything_that_stands_in_the_way_at_once() -> None:
    run = run_playbook("-e", "mlflow_backend=mysql", "-e", "minio_buckt=x", "-e", "kubernetes_context=nowhere")
    refused(run)
    assert "3 things stand in the way" in run.output


def test_a_port_that_another_service_holds_is_refused(cluster: Cluster) -> None:
    path = "/api/v1/namespaces/default/services"
    ports = [{"port": 80, "nodePort": 30555}]
    service = {
        "metadata": {"name": "squatter"},
        "spec": {"type": "NodePort", "ports": ports, "selector": {"app": "none"}},
    }
    cluster.request("POST", path, body=service)
    try:
        run = run_playbook("-e", "mlflow_node_port=30555")
    finally:
        cluster.request("DELETE", f"{path}/squatter")
    refused(run)
    assert "default/squatter" in run.output


def test_an_image_without_mlflow_is_refused_before_the_running_one_is_touched(cluster: Cluster) -> None:
    stateful_set = cluster.request("GET", "/apis/apps/v1/namespaces/storage/statefulsets/minio")
    image = stateful_set["spec"]["template"]["spec"]["containers"][0]["image"]
    before = state(cluster)
    run = run_playbook("-e", f"mlflow_image={image}")
    refused(run)
    assert re.search(rf"Variable mlflow_image: .*{re.escape(image)}", run.output), run.output
    assert state(cluster) == before


def test_a_user_with_too_narrow_rights_is_told_which_rights_are_missing(cluster: Cluster, tmp_path: Path) -> None:
    """The context's user becomes a service account that may do nothing."""
    token = cluster.request(
        "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", body={"spec": {"expirationSeconds": 600}}
    )["status"]["token"]
    configuration = yaml.safe_load(Path(str(cluster.kubeconfig)).read_text(encoding="utf-8"))
    configuration["users"] = [{"name": entry["name"], "user": {"token": token}} for entry in configuration["users"]]
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    run = run_playbook("-e", f"kubernetes_kubeconfig={kubeconfig}")
    refused(run)
    assert "may not" in run.output
    assert re.search(r"get/create/patch/delete statefulsets\.apps.* in namespace storage", run.output), run.output
