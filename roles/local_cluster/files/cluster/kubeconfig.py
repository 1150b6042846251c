"""Whether the user's kubeconfig already reaches a cluster, so that it is only rewritten when it has to be."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from .nodes import Node

API_PORT = 6443


def reaches(cluster: str, control_plane: Node, path: str) -> bool:
    """Whether context `kind-<cluster>` exists in `path` (empty: where kubectl looks) and names the node's port."""
    context = f"kind-{cluster}"
    server = f"https://{control_plane.addresses.get(API_PORT, '')}:{control_plane.ports.get(API_PORT, 0)}"
    for file in _files(path):
        document = yaml.safe_load(file.read_text()) if file.is_file() else None
        named = {
            kind: {entry["name"]: entry for entry in (document or {}).get(kind) or []}
            for kind in ("contexts", "clusters", "users")
        }
        if all(context in entries for entries in named.values()):
            found: str = named["clusters"][context]["cluster"]["server"]
            return found == server
    return False


def _files(path: str) -> list[Path]:
    named = path or os.environ.get("KUBECONFIG", "")
    return [Path(part) for part in named.split(os.pathsep) if part] or [Path.home() / ".kube" / "config"]
