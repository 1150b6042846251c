"""A private named pipe that a module tells its progress through (see module_utils/progress)."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
from collections.abc import Mapping
from types import TracebackType

_PIECE = 65536

Message = Mapping[str, str]


class Channel:
    """The end that listens. The pipe is made in `folder` and removed at the end of the `with` block.

    Ansible removes the folder itself at the end of a run, also of one that is broken off. Raises OSError.
    """

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, f"progress-{secrets.token_hex(8)}")
        os.mkfifo(self.path, mode=0o600)
        # For writing too: so it has no end when the module goes, and `wake` can write.
        self._pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._rest = b""

    def __enter__(self) -> Channel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._pipe)
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def read(self, seconds: float) -> list[Message]:
        """What has come; waits so long for something to come, or until `wake`."""
        readable, _writable, _failed = select.select([self._pipe], [], [], seconds)
        if not readable:
            return []
        try:
            piece = os.read(self._pipe, _PIECE)
        except BlockingIOError:
            return []
        *lines, self._rest = (self._rest + piece).split(b"\n")
        return [message for line in lines if (message := _message(line)) is not None]

    def wake(self) -> None:
        """Ends a `read` in another thread. One that reads is awake when the pipe is full."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._pipe, b"\n")


def _message(line: bytes) -> Message | None:
    """None for a line that is no message."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    if not isinstance(message, dict) or not all(isinstance(value, str) for value in message.values()):
        return None
    return message
