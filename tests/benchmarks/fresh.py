"""A first site.yml on a cluster that has the images, until all is ready, against kubectl apply of the same objects.

Both start from a cluster without the stack's namespaces. kubectl gets the objects as the roles made them, but the
schema Job (MLflow makes its schema itself when it starts on an empty database).
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from own_cluster import CONTEXT, inventory, own_cluster
from timing import TABLE_HEAD, Series, in_turn, run, timed

TITLE = "A fresh `ansible-playbook site.yml` until all is ready against `kubectl apply` of the same objects"
NAMESPACES = ("storage", "monitoring", "training")
KINDS = (
    "/api/v1/namespaces/{}/configmaps",
    "/api/v1/namespaces/{}/persistentvolumeclaims",
    "/api/v1/namespaces/{}/secrets",
    "/api/v1/namespaces/{}/serviceaccounts",
    "/api/v1/namespaces/{}/services",
    "/apis/apps/v1/namespaces/{}/deployments",
    "/apis/apps/v1/namespaces/{}/statefulsets",
    "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
)
KINDS_OF_THE_CLUSTER = (
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
)
SET_BY_THE_SERVER = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "ownerReferences")


def measure(root: Path, folder: Path, runs: int) -> str:
    """Markdown with both medians and their ratio; makes a cluster of its own and removes it."""
    with own_cluster(root, folder) as kubeconfig:
        site = ["ansible-playbook", "-i", str(inventory(folder)), str(root / "site.yml"), "-e", "prove=never"]
        run(site, cwd=root)
        with Cluster(str(kubeconfig), CONTEXT) as cluster:
            objects = _objects(cluster)
            manifests = folder / "objects.json"
            manifests.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
            ours, theirs = Series("site.yml, first run"), Series("kubectl apply, then rollout status")
            in_turn(
                [
                    (ours, lambda: _after_cleaning(cluster, lambda: run(site, cwd=root))),
                    (theirs, lambda: _after_cleaning(cluster, lambda: _kubectl(kubeconfig, manifests, objects))),
                ],
                min(runs, 3),
            )
    ratio = ours.median / theirs.median
    return f"{TABLE_HEAD}\n{ours.row()}\n{theirs.row()}\n\nRatio of the medians: {ratio:.2f} (aim: at most 1.3).\n"


def _objects(cluster: Cluster) -> list[dict[str, Any]]:
    """Everything our field manager owns in the stack's namespaces, fit to be applied anew."""
    found = [cluster.request("GET", f"/api/v1/namespaces/{name}") for name in NAMESPACES]
    paths = [kind.format(namespace) for kind in KINDS for namespace in NAMESPACES]
    for path in (*paths, *KINDS_OF_THE_CLUSTER):
        answer = cluster.request("GET", path)
        for item in answer["items"]:
            item.update(apiVersion=answer["apiVersion"], kind=answer["kind"].removesuffix("List"))
            found.append(item)
    return [_bare(item) for item in found if _is_ours(item)]


def _is_ours(item: dict[str, Any]) -> bool:
    return any(entry["manager"] == "mlops.tracking" for entry in item["metadata"].get("managedFields", []))


def _bare(item: dict[str, Any]) -> dict[str, Any]:
    item.pop("status", None)
    for name in SET_BY_THE_SERVER:
        item["metadata"].pop(name, None)
    if item["kind"] == "Service":
        item["spec"].pop("clusterIP", None)
        item["spec"].pop("clusterIPs", None)
    if item["kind"] == "PersistentVolumeClaim":
        item["spec"].pop("volumeName", None)
        item["metadata"].pop("annotations", None)
    return item


def _after_cleaning(cluster: Cluster, function: Any) -> float:
    for namespace in NAMESPACES:
        if cluster.get(f"/api/v1/namespaces/{namespace}") is not None:
            cluster.request("DELETE", f"/api/v1/namespaces/{namespace}")
    while any(cluster.get(f"/api/v1/namespaces/{namespace}") for namespace in NAMESPACES):
        time.sleep(0.5)
    time.sleep(5)  # volumes are removed after their namespace is gone
    return timed(function)


def _kubectl(kubeconfig: Path, manifests: Path, objects: list[dict[str, Any]]) -> None:
    program = shutil.which("kubectl")
    if not program:
        raise FileNotFoundError("kubectl is not on the PATH; the benchmark compares with it")
    base = [program, "--kubeconfig", str(kubeconfig), "--context", CONTEXT]
    run([*base, "apply", "-f", str(manifests)])
    for item in objects:
        if item["kind"] in ("Deployment", "StatefulSet"):
            name = f"{item['kind'].lower()}/{item['metadata']['name']}"
            run([*base, "-n", item["metadata"]["namespace"], "rollout", "status", name, "--timeout=300s"])
