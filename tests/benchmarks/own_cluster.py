"""A kind cluster for the measuring alone, beside the one of `make up`: made first, removed afterwards."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from timing import run

CONTEXT = "kind-tracking-benchmark"
_ADDRESS = "127.0.0.9"


@contextlib.contextmanager
def own_cluster(root: Path, folder: Path) -> Iterator[Path]:
    """Gives its kubeconfig, whose context is CONTEXT."""
    playbook = ["ansible-playbook", "-i", str(inventory(folder))]
    run([*playbook, str(root / "playbooks/local_cluster.yml")], cwd=root)
    try:
        yield folder / "kubeconfig"
    finally:
        run([*playbook, str(root / "playbooks/local_cluster_absent.yml")], cwd=root)


def inventory(folder: Path) -> Path:
    """An inventory whose one host is that cluster."""
    place = folder / "inventory"
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "kubernetes_kubeconfig": str(folder / "kubeconfig"),
        "kubernetes_context": CONTEXT,
        "kubernetes_node_address": _ADDRESS,
        "local_cluster_name": CONTEXT.removeprefix("kind-"),
        "local_cluster_kubeconfig": str(folder / "kubeconfig"),
        "local_cluster_listen_address": _ADDRESS,
    }
    (place / "group_vars/clusters").mkdir(parents=True, exist_ok=True)
    (place / "hosts.yml").write_text(json.dumps({"all": {"children": {"clusters": {"hosts": {"benchmark": {}}}}}}))
    (place / "group_vars/clusters/connection.yml").write_text(json.dumps(variables))
    return place
