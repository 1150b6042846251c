"""What check mode said of the empty cluster is what the first run then made (molecule's prepare kept what it said)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

COLLECTIONS = (
    "/api/v1/namespaces/{}/configmaps",
    "/api/v1/namespaces/{}/persistentvolumeclaims",
    "/api/v1/namespaces/{}/secrets",
    "/api/v1/namespaces/{}/serviceaccounts",
    "/api/v1/namespaces/{}/services",
    "/apis/apps/v1/namespaces/{}/deployments",
    "/apis/apps/v1/namespaces/{}/statefulsets",
    "/apis/batch/v1/namespaces/{}/jobs",
    "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
)
OF_THE_CLUSTER = (
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
)
NAMESPACES = ("monitoring", "storage", "training")


def predicted() -> set[str]:
    said = (Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "predicted.txt").read_text(encoding="utf-8")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    return set(re.findall(r"^\+\+\+ after: (\w+ \S+)$", plain, re.MULTILINE))


def made_by_us(cluster: Cluster) -> set[str]:
    found = {f"Namespace {name}" for name in NAMESPACES}
    for namespace in NAMESPACES:
        for collection in COLLECTIONS:
            found |= named(cluster, collection.format(namespace), f"{namespace}/")
    return found.union(*(named(cluster, collection) for collection in OF_THE_CLUSTER))


def named(cluster: Cluster, collection: str, before: str = "") -> set[str]:
    answer = cluster.request("GET", collection)
    return {
        f"{answer['kind'].removesuffix('List')} {before}{item['metadata']['name']}"
        for item in answer["items"]
        if is_of_the_stack(item["metadata"].get("labels", {}))
    }


def is_of_the_stack(labels: dict[str, str]) -> bool:
    """An object of a role, or the inventory of its set."""
    is_inventory = labels.get("app.kubernetes.io/component") == "inventory"
    return is_inventory or labels.get("app.kubernetes.io/part-of") == "mlops-tracking"


def test_check_mode_named_every_object_that_the_first_run_made_and_no_other(cluster: Cluster) -> None:
    assert predicted() == made_by_us(cluster)
