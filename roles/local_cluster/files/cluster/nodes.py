"""The nodes of a kind cluster, as containers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .commands import run

CLUSTER_LABEL = "io.x-k8s.kind.cluster"
ROLE_LABEL = "io.x-k8s.kind.role"


@dataclass(frozen=True)
class Node:
    """One node. `started_at` is RFC 3339; `ports` maps its ports to the host's, `addresses` to the host's addresses."""

    name: str
    role: str
    image: str
    running: bool
    started_at: str
    ports: Mapping[int, int]
    addresses: Mapping[int, str]


def nodes_of(cluster: str) -> list[Node]:
    """All nodes of `cluster`, running or not; empty where there is no such cluster."""
    names = run(["docker", "ps", "--all", "--quiet", "--filter", f"label={CLUSTER_LABEL}={cluster}"]).split()
    return [_node(document) for document in json.loads(run(["docker", "inspect", *names]))] if names else []


def control_plane(nodes: list[Node]) -> Node:
    return next(node for node in nodes if node.role == "control-plane")


def _node(document: Mapping[str, Any]) -> Node:
    bindings = {
        int(port.split("/")[0]): hosts[0] for port, hosts in (document["HostConfig"]["PortBindings"] or {}).items()
    }
    return Node(
        name=document["Name"].lstrip("/"),
        role=document["Config"]["Labels"][ROLE_LABEL],
        image=document["Config"]["Image"],
        running=document["State"]["Running"],
        started_at=document["State"]["StartedAt"],
        ports={port: int(host["HostPort"]) for port, host in bindings.items()},
        addresses={port: host["HostIp"] for port, host in bindings.items()},
    )
