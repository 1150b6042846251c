"""Images in the nodes' own stores."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

from .commands import ClusterError, run
from .nodes import Node

CTR = ("ctr", "--namespace=k8s.io", "images")


def in_node(node: Node) -> frozenset[str]:
    """References that `node` has, without the `docker.io/` that Docker leaves out too."""
    listed = run(["docker", "exec", node.name, *CTR, "list", "--quiet"])
    return frozenset(name.removeprefix("docker.io/") for name in listed.split())


def load(node: Node, references: Iterable[str]) -> list[str]:
    """Streams those of `references` that `node` lacks from Docker into its store; returns them."""
    missing = sorted(set(references) - in_node(node))
    if not missing:
        return []
    into = ["docker", "exec", "--interactive", node.name, *CTR, "import", "-"]
    with subprocess.Popen(["docker", "save", *missing], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as saving:
        loading = subprocess.run(into, stdin=saving.stdout, capture_output=True, text=True, check=False)
        saved = saving.communicate()[1].decode(errors="replace").strip()
    if saving.returncode or loading.returncode:
        why = saved if saving.returncode else loading.stderr.strip()
        raise ClusterError(f"Images {', '.join(missing)} could not be loaded into node {node.name}: {why}")
    return missing
