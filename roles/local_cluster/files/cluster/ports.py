"""Whether the host ports that a cluster needs are free."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable, Mapping


def wanted_from(text: str) -> dict[int, int]:
    """`30500:30500,30901:31901` (node port : host port) as a mapping of node ports to host ports."""
    pairs = (pair.split(":") for pair in text.split(",") if pair)
    return {int(node): int(host) for node, host in pairs}


def problems(address: str, ports: Iterable[int]) -> list[str]:
    """A sentence for each of the host `ports` that cannot be listened on at `address`."""
    found = []
    for port in ports:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((address, port))
            except OSError as error:
                found.append(_sentence(address, port, error))
    return found


def _sentence(address: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Variable local_cluster_ports cannot be used: port {port} of {address} is taken by another program. "
            f"Stop that program, or give another host_port there (or another local_cluster_listen_address)."
        )
    return (
        f"Variable local_cluster_listen_address cannot be used: listening on port {port} of {address} is refused "
        f"({error.strerror}). Give an address of this machine."
    )


def differences(wanted: Mapping[int, int], mapped: Mapping[int, int]) -> list[str]:
    """How an existing cluster's port mappings differ from the `wanted` ones."""
    return [
        f"node port {node} is {f'host port {mapped[node]}' if node in mapped else 'not mapped'} instead of {host}"
        for node, host in wanted.items()
        if mapped.get(node) != host
    ]
