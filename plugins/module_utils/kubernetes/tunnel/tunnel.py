"""A way to a Service from outside the cluster: a local port whose connections end in one of its ready pods."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.endpoint import (
    Endpoint,
    ServiceAddress,
    find_endpoint,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.port_forward import PortForward


@dataclass(frozen=True)
class Reached:
    """`url` works from here; `host_header` is what the server knows itself as (host and port of the asked url)."""

    url: str
    host_header: str


@contextlib.contextmanager
def reach(cluster: Cluster, url: str) -> Iterator[Reached]:
    """Yields an url that works from here for one that works in the cluster.

    An url of another form than `http(s)://<service>.<namespace>.svc[.cluster.local][:port]...`, and any url when
    this process runs in the cluster, is yielded as it is. A Service without a ready pod is a TrackingError.
    """
    parts = urlsplit(url)
    address = ServiceAddress.from_url(url)
    if address is None or cluster.access.inside:
        yield Reached(url, parts.netloc)
        return
    endpoint = find_endpoint(cluster, address)
    tunnel = Tunnel(cluster, address, endpoint)
    try:
        yield Reached(urlunsplit(parts._replace(netloc=f"127.0.0.1:{tunnel.port}")), parts.netloc)
    finally:
        tunnel.close()


class Tunnel:
    """Listens on 127.0.0.1:`port`; each connection gets a port-forward of its own. Its threads are daemons."""

    def __init__(self, cluster: Cluster, address: ServiceAddress, endpoint: Endpoint) -> None:
        self._cluster = cluster
        self._address = address
        self._endpoint = endpoint
        self._forwards: set[PortForward] = set()
        self._lock = threading.Lock()
        self._is_closed = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name=f"tunnel to {address}", daemon=True).start()

    def close(self) -> None:
        """Stops listening and cuts the connections that are still open."""
        with self._lock:
            self._is_closed = True
            forwards = list(self._forwards)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._listener.close()
        for forward in forwards:
            forward.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _peer = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), name="tunnel connection", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            forward = self._open()
        except TrackingError:
            client.close()  # the caller sees a broken connection, tries again, and then asks what is wrong
            return
        with self._lock:
            if self._is_closed:
                forward.close()
                client.close()
                return
            self._forwards.add(forward)
        try:
            forward.carry(client)
        finally:
            with self._lock:
                self._forwards.discard(forward)

    def _open(self) -> PortForward:
        try:
            return PortForward(self._cluster.access, self._endpoint)
        except TrackingError:
            self._endpoint = find_endpoint(self._cluster, self._address)  # the pod may have been replaced
            return PortForward(self._cluster.access, self._endpoint)
