"""One connection into a pod: the websocket of the API server's portforward, carried to and from a local socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Access
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.endpoint import Endpoint
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.websocket import open_websocket

# Channels of v4.channel.k8s.io for the first port: 0 carries its data, 1 its error. The first frame of each
# holds the port's number, two bytes.
_DATA, _ERROR = 0, 1
_READ_BYTES = 256 * 1024


class PortForward:
    """An open forward to an endpoint. `carry` moves bytes both ways until either side closes."""

    def __init__(self, access: Access, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._websocket = _connect(access, endpoint)
        self._websocket.settimeout(None)  # a connection may be idle for as long as its user likes
        self._send_lock = threading.Lock()
        self.error = ""

    def carry(self, client: socket.socket) -> None:
        """Serves one local connection; returns when it is over. Closes both ends."""
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or small answers wait 40 ms for an ACK
        upwards = threading.Thread(target=self._send, args=(client,), name="tunnel upwards", daemon=True)
        upwards.start()
        try:
            self._receive(client)
        finally:
            self.close()
            with contextlib.suppress(Exception):
                self._websocket.shutdown()
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            client.close()

    def close(self) -> None:
        """Cuts the websocket from any thread; the one that reads from it returns and frees it."""
        with contextlib.suppress(Exception):  # it may be gone already, in any of the library's ways
            self._websocket.abort()

    def _send(self, client: socket.socket) -> None:
        try:
            while data := client.recv(_READ_BYTES):
                with self._send_lock:
                    self._websocket.send_binary(bytes((_DATA,)) + data)
        except Exception:  # either end went away: the other direction notices and ends the carrying
            self.close()

    def _receive(self, client: socket.socket) -> None:
        import websocket

        greeted: set[int] = set()
        with contextlib.suppress(websocket.WebSocketException, OSError):
            while True:
                opcode, frame = self._websocket.recv_data()
                if opcode != websocket.ABNF.OPCODE_BINARY or not frame:
                    return
                channel = frame[0]
                if channel not in greeted:
                    greeted.add(channel)
                elif channel == _DATA:
                    client.sendall(memoryview(frame)[1:])
                elif channel == _ERROR:
                    self.error += frame[1:].decode("utf-8", "replace")
                    return


def _connect(access: Access, endpoint: Endpoint) -> Any:
    return open_websocket(
        access,
        f"/api/v1/namespaces/{endpoint.namespace}/pods/{endpoint.pod}/portforward?ports={endpoint.port}",
        what=f"No port-forward to pod {endpoint.namespace}/{endpoint.pod} port {endpoint.port} can be opened",
        mend="Check that the pod runs and that this user may create pods/portforward",
    )
