"""Everything about the machine and a cluster that the role decides by, in one look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from . import creation, host, images, kubeconfig, nodes, ports, readiness


def look(name: str, listen_address: str, wanted: Mapping[int, int], kubeconfig_path: str) -> dict[str, Any]:
    """`problems` are sentences that forbid going on, `remarks` are sentences worth reading; nothing is changed."""
    machine = host.look()
    found: dict[str, Any] = {
        "host": asdict(machine),
        "exists": False,
        "unfinished": False,
        "ready": False,
        "reached_by_kubeconfig": False,
        "node_image": "",
        "images": [],
        "problems": [],
        "remarks": [],
    }
    cluster = nodes.nodes_of(name) if machine.docker_answers else []
    if not all(node.running for node in cluster) or not cluster:
        found["problems"] = ports.problems(listen_address, wanted.values())
    if cluster:
        found.update(_of_cluster(name, cluster, listen_address, wanted, kubeconfig_path))
    return found


def _of_cluster(
    name: str, cluster: list[nodes.Node], listen_address: str, wanted: Mapping[int, int], kubeconfig_path: str
) -> dict[str, Any]:
    plane = nodes.control_plane(cluster)
    # A node that is just starting can't say which images it has; loading asks again once the cluster is ready.
    ready = not readiness.what_is_missing(cluster)
    differences = ports.differences(wanted, {node: plane.ports[node] for node in plane.ports if node in wanted})
    elsewhere = {plane.addresses[node] for node in wanted if node in plane.addresses} - {listen_address}
    differences += [f"it listens on {address}" for address in elsewhere]
    return {
        "exists": True,
        "unfinished": creation.unfinished_mark(name).exists(),
        "ready": ready,
        "reached_by_kubeconfig": kubeconfig.reaches(name, plane, kubeconfig_path),
        "node_image": plane.image,
        "images": sorted(images.in_node(plane)) if ready else [],
        "remarks": [f"Cluster {name} was made with other ports: {'; '.join(differences)}."] if differences else [],
    }
