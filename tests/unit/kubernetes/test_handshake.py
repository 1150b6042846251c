"""A TLS handshake that breaks while a server starts is tried again; a server that is not trusted is not."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.api_error import Unreachable
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import (
    FIRST_TRIES,
    Cluster,
)

ALERT_DECODE_ERROR = bytes([21, 3, 3, 0, 2, 2, 50])


@contextlib.contextmanager
def server_that_breaks_handshakes() -> Iterator[tuple[int, list[int]]]:
    """Its port, and a list that grows by one with each connection."""
    seen: list[int] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                seen.append(1)
                connection.recv(4096)
                connection.sendall(ALERT_DECODE_ERROR)
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        listener.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_broken_handshake_is_tried_again_a_few_times(tmp_path: object, method: str) -> None:
    with server_that_breaks_handshakes() as (port, seen):
        kubeconfig = f"{tmp_path}/kubeconfig"
        with open(kubeconfig, "w", encoding="utf-8") as file:
            file.write(
                f"{{current-context: c, clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:{port}'}}}}],"
                " users: [{name: u, user: {token: t}}], contexts: [{name: c, context: {cluster: c, user: u}}]}"
            )
        with Cluster(kubeconfig, "c") as cluster, pytest.raises(Unreachable, match="handshake broke"):
            cluster.request(method, "/version")
    assert len(seen) == FIRST_TRIES
