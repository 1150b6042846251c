"""A program that runs in a container of a pod for as long as it is talked to: bytes in, bytes out."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Access
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.websocket import open_websocket

# Channels of v4.channel.k8s.io.
_STDIN, _STDOUT, _STDERR, _STATUS = 0, 1, 2, 3
_PIECE = 256 * 1024
_KEPT_OF_STDERR = 4000


class PodProcess:
    """Opened with its command. The program's standard input ends when this is closed, or this process is killed.

    complaint: the end of what it wrote to its standard error, and why it ended.
    """

    def __init__(self, access: Access, namespace: str, pod: str, container: str, command: Sequence[str]) -> None:
        query = [("command", word) for word in command]
        query += [("container", container), ("stdin", "true"), ("stdout", "true"), ("stderr", "true")]
        self._websocket: Any = open_websocket(
            access,
            f"/api/v1/namespaces/{namespace}/pods/{pod}/exec?{urlencode(query)}",
            what=f"No program can be run in pod {namespace}/{pod}",
            mend="Check that the pod runs and that this user may create pods/exec",
        )
        self._websocket.settimeout(None)
        self._send_lock = threading.Lock()
        self._status = ""
        self._stderr = ""

    def send(self, data: bytes) -> None:
        """Writes to its standard input. Raises OSError where it has ended."""
        import websocket

        try:
            with self._send_lock:
                for start in range(0, len(data), _PIECE):
                    self._websocket.send_binary(bytes((_STDIN,)) + data[start : start + _PIECE])
        except websocket.WebSocketException as error:
            raise OSError(str(error)) from None

    def receive(self) -> bytes:
        """What it writes to its standard output next; nothing once it has ended."""
        import websocket

        with contextlib.suppress(websocket.WebSocketException, OSError):
            while True:
                opcode, frame = self._websocket.recv_data()
                if opcode != websocket.ABNF.OPCODE_BINARY:
                    return b""
                channel, data = frame[:1], frame[1:]
                if channel == bytes((_STDOUT,)) and data:
                    return bytes(data)
                if channel == bytes((_STDERR,)):
                    self._stderr = (self._stderr + data.decode("utf-8", "replace"))[-_KEPT_OF_STDERR:]
                if channel == bytes((_STATUS,)):
                    self._status = _message(data)
                    return b""
        return b""

    @property
    def complaint(self) -> str:
        last = self._stderr.strip().splitlines()[-1:]
        return "; ".join([*last, self._status] if self._status else last)

    def close(self) -> None:
        """Cuts it off, from any thread."""
        with contextlib.suppress(Exception):  # it may be gone already, in any of the library's ways
            self._websocket.close(timeout=1)
        with contextlib.suppress(Exception):
            self._websocket.shutdown()


def _message(status: bytes) -> str:
    try:
        said = json.loads(status)
    except ValueError:
        return ""
    return "" if said.get("status") == "Success" else str(said.get("message", ""))
