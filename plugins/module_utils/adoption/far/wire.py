"""Messages on standard input and output: a line of JSON, and as many bytes as it says."""

from __future__ import annotations

import json
import os
import queue
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

JSON = Any

# Whoever is at the other end sends something every few seconds; where nothing comes, nobody is there any more.
SILENCE = 60.0
_PIECE = 1 << 18


class Refused(Exception):
    """Why something is not done, in a sentence for people."""


class Wire:
    """This process's end. It ends the process where the other end is gone: whatever was held is given up by that.

    lingers: seconds that it waits with this.
    """

    def __init__(self) -> None:
        self.lingers = 0.0
        self._messages: queue.Queue[tuple[JSON, bytes]] = queue.Queue()
        self._buffer = b""
        threading.Thread(target=self._listen, daemon=True).start()

    def serve(self, commands: dict[str, Callable[[Wire, JSON, bytes], None]]) -> None:
        """Does what it is told, one thing after the other, for ever."""
        self.send({"hello": sys.version.split()[0]})
        while True:
            message, payload = self._messages.get()
            try:
                commands[message["do"]](self, message, payload)
            except Refused as refusal:
                self.send({"refused": str(refusal)})
            except Exception as error:
                self.send({"failed": f"{type(error).__name__}: {error}"})

    def send(self, message: JSON, payload: bytes = b"") -> None:
        """One message to the other end. It has no key `bytes` of its own."""
        assert "bytes" not in message
        head = json.dumps({**message, "bytes": len(payload)}).encode() + b"\n"
        sys.stdout.buffer.write(head + payload)
        sys.stdout.buffer.flush()

    def _listen(self) -> None:
        while True:
            while b"\n" not in self._buffer:
                self._more()
            line, _, self._buffer = self._buffer.partition(b"\n")
            message = json.loads(line)
            pieces, left = [], int(message.get("bytes", 0)) - len(self._buffer)
            while left > 0:
                pieces.append(self._read())
                left -= len(pieces[-1])
            whole = self._buffer + b"".join(pieces)
            payload, self._buffer = whole[: message.get("bytes", 0)], whole[message.get("bytes", 0) :]
            if message["do"] != "ping":
                self._messages.put((message, payload))

    def _more(self) -> None:
        self._buffer += self._read()

    def _read(self) -> bytes:
        ready, _, _ = select.select([0], [], [], SILENCE)
        data = os.read(0, _PIECE) if ready else b""
        if not data:
            time.sleep(self.lingers)
            os._exit(3)
        return data
