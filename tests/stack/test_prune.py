"""What is taken out of a role's templates is gone after site.yml, and what holds data is not."""

from __future__ import annotations

import json

from playbook import run_playbook

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

POLICY = "/apis/networking.k8s.io/v1/namespaces/monitoring/networkpolicies/mlflow"
INVENTORY = "/api/v1/namespaces/monitoring/configmaps/tracking-inventory-mlflow"
WITHOUT_THE_POLICY = json.dumps({"mlflow_templates": ["secret.yaml.j2", "service.yaml.j2", "deployment.yaml.j2"]})


def recorded(cluster: Cluster) -> list[str]:
    lines: str = cluster.request("GET", INVENTORY)["data"]["objects"]
    return [" ".join(line.split()[1:3]) for line in lines.splitlines()]


def test_what_a_role_no_longer_describes_is_gone_after_the_next_run(cluster: Cluster) -> None:
    try:
        predicted = run_playbook("--check", "--diff", "-e", "prove=never", "-e", WITHOUT_THE_POLICY)
        assert "NetworkPolicy monitoring/mlflow (deleted)" in predicted.output, predicted.output[-4000:]
        assert cluster.get(POLICY) is not None
        done = run_playbook("-e", "prove=never", "-e", WITHOUT_THE_POLICY)
        assert done.status == 0, done.output[-4000:]
        assert done.recap("changed") == predicted.recap("changed") == 1
        assert cluster.get(POLICY) is None
        assert "NetworkPolicy monitoring/mlflow" not in recorded(cluster)
        again = run_playbook("--check", "-e", "prove=never", "-e", WITHOUT_THE_POLICY)
        assert again.recap("changed") == 0
    finally:
        restored = run_playbook("-e", "prove=never")
    assert restored.status == 0, restored.output[-4000:]
    assert cluster.get(POLICY) is not None
    assert "NetworkPolicy monitoring/mlflow" in recorded(cluster)


def test_a_claim_that_is_no_longer_described_is_kept_and_is_no_change(cluster: Cluster) -> None:
    only_the_namespace = json.dumps({"persistence_templates": ["namespace.yaml.j2"]})
    run = run_playbook("--check", "-e", "prove=never", "-e", only_the_namespace)
    assert run.status == 0, run.output[-4000:]
    assert run.recap("changed") == 0
    assert "3 objects: 2 unchanged, 1 kept" in run.output
