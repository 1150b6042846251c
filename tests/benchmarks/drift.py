"""The drift check: of the whole stack against a no-change site.yml, and of 500 objects against kubectl diff."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from timing import TABLE_HEAD, CommandFailed, Series, in_turn, run, timed

JSON = Any

TITLE = "The drift check: the whole stack against a no-change `site.yml`, 500 objects against `kubectl diff`"
CONTEXT = "kind-tracking"
NAMESPACE = "drift-benchmark"
OBJECTS = 500
MODULE = "ansible_collections.mlops.tracking.plugins.modules.manifests"


def measure(root: Path, folder: Path, runs: int) -> str:
    """Markdown with the medians. The stack of inventory/local must be up and as described."""
    return "\n".join([*_stack(root, runs), "", *_objects_against_kubectl(root, folder, runs), ""])


def _stack(root: Path, runs: int) -> list[str]:
    site = ["ansible-playbook", str(root / "site.yml"), "-e", "prove=never"]
    drift = ["ansible-playbook", str(root / "drift.yml")]
    run(site, cwd=root)
    ours, theirs = Series("drift.yml, everything as described"), Series("site.yml, nothing to change")
    in_turn(
        [
            (ours, lambda: timed(lambda: run(drift, cwd=root))),
            (theirs, lambda: timed(lambda: run(site, cwd=root))),
        ],
        runs,
    )
    ratio = ours.median / theirs.median
    return [TABLE_HEAD, ours.row(), theirs.row(), "", f"Ratio of the medians: {ratio:.2f} (aim: at most 1)."]


@dataclass(frozen=True)
class _Set:
    kubeconfig: Path
    manifests: Path
    objects: list[JSON]

    def module(self, **arguments: JSON) -> JSON:
        """What module manifests returns, as a process of its own."""
        given = {"kubeconfig": str(self.kubeconfig), "context": CONTEXT, "wait": False, "_ansible_check_mode": False}
        parts = [{"source": "objects", "object": each} for each in self.objects]
        given |= {"documents": json.dumps(parts), "inventory": f"{NAMESPACE}/inventory", **arguments}
        file = self.manifests.with_suffix(".arguments.json")
        file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
        return json.loads(run([sys.executable, "-m", MODULE, str(file)]).splitlines()[-1])

    def look(self) -> None:
        """A drift check, which has to find nothing."""
        if self.module(drift=True, _ansible_check_mode=True)["changed"]:
            raise CommandFailed("The drift check found something in objects that nobody touched")


def _objects_against_kubectl(root: Path, folder: Path, runs: int) -> list[str]:
    kubectl = run([sys.executable, str(root / "images/build.py"), "tool", "kubectl"]).splitlines()[-1]
    kubeconfig = Path.home() / ".kube/config"
    objects = list(_bodies(OBJECTS))
    made = _Set(kubeconfig, folder / "objects.yaml", objects)
    made.manifests.write_text("---\n".join(json.dumps(each) + "\n" for each in objects), encoding="utf-8")
    diff = [kubectl, "--kubeconfig", str(kubeconfig), "--context", CONTEXT, "diff", "--server-side"]
    diff += ["--field-manager=mlops.tracking", "-f", str(made.manifests)]
    ours, theirs = Series(f"drift check of {OBJECTS} objects, in its own process"), Series("kubectl diff --server-side")
    with _namespace(kubeconfig):
        made.module()
        in_turn([(ours, lambda: timed(made.look)), (theirs, lambda: timed(lambda: _differ(diff)))], runs)
    ratio = theirs.median / ours.median
    return [
        TABLE_HEAD,
        ours.row(),
        theirs.row(),
        "",
        f"The drift check is {ratio:.1f} times as fast (aim: at least 4).",
    ]


def _differ(command: list[str]) -> None:
    """kubectl ends with 1 where it sees a difference: our annotation of the inventory, which its file has not."""
    try:
        run(command)
    except CommandFailed as failed:
        if "ended with 1:" not in str(failed):
            raise


@contextmanager
def _namespace(kubeconfig: Path) -> Iterator[None]:
    path = f"/api/v1/namespaces/{NAMESPACE}"
    with Cluster(str(kubeconfig), CONTEXT) as cluster:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        cluster.request("POST", "/api/v1/namespaces", body=body)
        try:
            yield
        finally:
            cluster.request("DELETE", path)
            while cluster.get(path) is not None:
                time.sleep(0.5)


def _bodies(count: int) -> Iterator[JSON]:
    for number in range(count // 2):
        name = f"object-{number}"
        metadata = {"name": name, "namespace": NAMESPACE, "labels": {"app": name}}
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"key": f"value {number}"}}
        spec = {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}
        yield {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
