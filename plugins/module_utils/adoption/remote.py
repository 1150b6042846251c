"""Talking to the program at the other end (see `far`), which is sent there as text."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Sequence
from typing import Any, Protocol

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.far import (  # noqa: F401 - its text is sent
    artifacts,
    blocks,
    hold,
    new_side,
    old_side,
    rows,
    server,
    wire,
)
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.pod_process import PodProcess
from ansible_collections.mlops.tracking.plugins.module_utils.migration import (  # noqa: F401 - their texts are sent
    digest,
    errors,
    revisions,
)

JSON = Any

OLD_SIDE, NEW_SIDE = "old_side", "new_side"
_ROOT = __name__.rpartition(".adoption.")[0]
# In the order of what needs what. The old side's Python may be older than `revisions` can be read by.
_OLD = ("migration.digest", *(f"adoption.far.{name}" for name in ("wire", "blocks", "rows", "server")))
_TEXTS = {
    OLD_SIDE: (*_OLD, "adoption.far.hold", "adoption.far.artifacts", "adoption.far.old_side"),
    NEW_SIDE: (*_OLD[:4], "migration.errors", "migration.revisions", "adoption.far.new_side"),
}
_PACKAGES = ("tracking", "tracking.migration", "tracking.adoption", "tracking.adoption.far")
_LOADER = """\
import json, sys, types
for name, text in json.loads(sys.stdin.buffer.readline()):
    module = sys.modules[name] = types.ModuleType(name)
    module.__package__, module.__path__ = (name, []) if text is None else (name.rpartition(".")[0], None)
    if text is None:
        continue
    del module.__path__
    setattr(sys.modules[module.__package__], name.rpartition(".")[2], module)
    exec(compile(text, name, "exec"), module.__dict__)
module.main()
"""
_SECONDS_BETWEEN_PINGS = 10.0


class Channel(Protocol):
    """How bytes come and go."""

    def send(self, data: bytes) -> None:
        """Raises OSError where nobody takes them."""

    def receive(self) -> bytes:
        """Nothing once there is no more."""

    @property
    def complaint(self) -> str:
        """Why there is no more, as far as it is known."""

    def close(self) -> None:
        """Ends the program at the other end."""


def command(python: str, *arguments: str) -> list[str]:
    """How the program is started, before its text is sent."""
    return [python, "-c", _LOADER, *arguments]


class Remote:
    """One such program. what: where it runs, for messages. Raises TrackingError wherever it refuses or is gone."""

    def __init__(self, channel: Channel, side: str, what: str) -> None:
        self._channel, self._what = channel, what
        self._buffer = b""
        self._is_closed = threading.Event()
        self._send(json.dumps(_texts(side)).encode() + b"\n")
        self.answer()  # it says hello
        threading.Thread(target=self._ping, name=f"ping of {what}", daemon=True).start()

    @classmethod
    def in_pod(cls, cluster: Cluster, namespace: str, pod: str, container: str, side: str, *arguments: str) -> Remote:
        """Starts it in a container, by whatever name Python has there."""
        what = f"pod {namespace}/{pod}"
        for python in ("python3", "python"):
            channel = PodProcess(cluster.access, namespace, pod, container, command(python, *arguments))
            try:
                return cls(channel, side, what)
            except TrackingError as error:
                channel.close()
                last = error
        raise last

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends it: what it held is given up."""
        self._is_closed.set()
        self._channel.close()

    def ask(self, do: str, payload: bytes = b"", **arguments: JSON) -> JSON:
        """Tells it to do something, and gives its answer."""
        self.tell(do, payload, **arguments)
        return self.answer()[0]

    def tell(self, do: str, payload: bytes = b"", **arguments: JSON) -> None:
        """Tells it to do something; the answer is not waited for."""
        self._send(json.dumps({"do": do, **arguments, "bytes": len(payload)}).encode() + b"\n" + payload)

    def answer(self) -> tuple[JSON, bytes]:
        """Its next message, and the bytes that came with it."""
        while b"\n" not in self._buffer:
            self._buffer += self._more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            message = json.loads(line)
        except ValueError:
            raise self._gone(line[:200].decode("utf-8", "replace")) from None
        pieces, left = [self._buffer], int(message["bytes"]) - len(self._buffer)
        while left > 0:
            pieces.append(self._more())
            left -= len(pieces[-1])
        whole = b"".join(pieces)
        payload, self._buffer = whole[: message["bytes"]], whole[message["bytes"] :]
        if "refused" in message:
            raise TrackingError(f"What was asked of {self._what} is refused", why=message["refused"])
        if "failed" in message:
            raise TrackingError(f"The program in {self._what} failed", why=message["failed"])
        return message, payload

    def _send(self, data: bytes) -> None:
        try:
            self._channel.send(data)
        except OSError as error:
            raise self._gone(str(error)) from None

    def _more(self) -> bytes:
        data = self._channel.receive()
        if not data:
            raise self._gone("its container ended, or the connection broke")
        return data

    def _gone(self, why: str) -> TrackingError:
        return TrackingError(
            f"The program in {self._what} ended", why=self._channel.complaint or why, mend="Run the same again"
        )

    def _ping(self) -> None:
        while not self._is_closed.wait(_SECONDS_BETWEEN_PINGS):
            try:
                self._channel.send(b'{"do": "ping"}\n')
            except OSError:
                return


def _texts(side: str) -> Sequence[tuple[str, str | None]]:
    packages: list[tuple[str, str | None]] = [(name, None) for name in _PACKAGES]
    return packages + [(f"tracking.{name}", _text(name)) for name in _TEXTS[side]]


def _text(name: str) -> str:
    """As Python itself would load it: a module's files lie in an archive, or are found by Ansible's own loader."""
    whole = f"{_ROOT}.{name}"
    found = importlib.util.find_spec(whole)
    loader: Any = found.loader if found else None
    text: bytes = loader.get_data(loader.get_filename(whole))
    return text.decode()
