"""A node's kubelet, as far as the API server asks it for logs; the test writes them."""

from __future__ import annotations

import contextlib
import queue
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from engine import Engine

JSON = Any


class Kubelet:
    """The logs of all containers of one node are one: `write` adds to it, `end` ends it."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.asked: list[str] = []

    def write(self, *lines: str) -> None:
        for line in lines:
            time.sleep(0.001)  # no two at the same time
            self.lines.put(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z {line}\n")

    def end(self) -> None:
        self.lines.put(None)


@contextlib.contextmanager
def running_kubelet(engine: Engine) -> Iterator[Kubelet]:
    """Serves logs, and tells the API server of its node."""
    kubelet = Kubelet(f"node-of-{engine.namespace}")
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _handler(kubelet))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificates = engine.server.folder / "certificates"
    context.load_cert_chain(certificates / "apiserver.crt", certificates / "apiserver.key")
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    node = engine.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": kubelet.node}})
    addresses = [{"type": "InternalIP", "address": "127.0.0.1"}]
    endpoint = {"kubeletEndpoint": {"Port": listener.server_port}}
    engine.edit(node, {"status": {"addresses": addresses, "daemonEndpoints": endpoint}}, subresource="status")
    try:
        yield kubelet
    finally:
        kubelet.end()
        listener.shutdown()
        listener.server_close()
        engine.delete(node)


def _handler(kubelet: Kubelet) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kubelet.asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if "follow=true" in self.path:
                while (line := kubelet.lines.get()) is not None:
                    self.wfile.write(f"{len(line.encode()):x}\r\n{line}\r\n".encode())
                    self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_arguments: object) -> None:
            pass

    return Handler
