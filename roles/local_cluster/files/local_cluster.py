#!/usr/bin/env python3
"""One command per thing that role local_cluster asks or does; each prints JSON, a failure is one sentence."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from cluster import creation, daemon, images, nodes, overview, readiness
from cluster.commands import ClusterError, run
from cluster.ports import wanted_from


def main() -> int:
    options = _parser().parse_args()
    try:
        print(json.dumps(_answer(options), indent=1))
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _answer(options: argparse.Namespace) -> dict[str, Any]:
    match options.command:
        case "look":
            return overview.look(options.name, options.listen_address, wanted_from(options.ports), options.kubeconfig)
        case "create":
            return creation.create(options.name, options.kind, sys.stdin.read(), options.kubeconfig, options.load)
        case "start":
            return _start(options.name, options.timeout)
        case "load":
            loaded = {node.name: images.load(node, options.image) for node in nodes.nodes_of(options.name)}
            return {"loaded": loaded, "changed": any(loaded.values())}
        case "docker":
            daemon.wait(options.timeout, daemon.start(options.start) if options.start else None)
            return {"answers": True}
    raise AssertionError(options.command)


def _start(name: str, timeout: float) -> dict[str, Any]:
    stopped = [node.name for node in nodes.nodes_of(name) if not node.running]
    for node in stopped:
        run(["docker", "start", node])
    waited = readiness.wait(nodes.nodes_of(name), timeout)
    return {"started": stopped, "ready_after": round(waited, 1), "changed": bool(stopped)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    look = commands.add_parser("look", help="what is there; changes nothing")
    look.add_argument("--listen-address", default="127.0.0.1")
    look.add_argument("--ports", default="", help="node port:host port, comma separated")
    create = commands.add_parser("create", help="make the cluster from a kind configuration on standard input")
    create.add_argument("--kind", required=True, help="path of kind")
    create.add_argument("--load", nargs="*", default=[], help="images to load while the cluster starts")
    start = commands.add_parser("start", help="start stopped nodes and wait until the cluster is ready")
    load = commands.add_parser("load", help="load images that the nodes lack")
    load.add_argument("image", nargs="*")
    docker = commands.add_parser("docker", help="wait until Docker answers")
    docker.add_argument("--start", default="", metavar="DOCKERD", help="start this daemon first")
    for command in (start, docker):
        command.add_argument("--timeout", type=float, default=180)
    for command in (look, create, start, load):
        command.add_argument("--name", required=True)
    for command in (look, create):
        command.add_argument("--kubeconfig", default="")
    return parser


if __name__ == "__main__":
    sys.exit(main())
