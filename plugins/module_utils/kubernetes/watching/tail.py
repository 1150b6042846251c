"""A thread that listens to one watch stream and hands on what it hears."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import (
    ApiError,
    Cluster,
    Unreachable,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.stream import Stream

JSON = Any


class End(Enum):
    """Why a stream is over."""

    BY_ITSELF = "the server ended it"
    BROKEN = "it broke, or could not be opened"
    EXPIRED = "the server no longer knows what was before (410)"
    REFUSED = "watching is not allowed or not known here (403, 405)"


@dataclass(frozen=True)
class Heard:
    """One message of a tail: an event of the watch, or its end."""

    tail: Tail
    event: Mapping[str, JSON] | None
    end: End | None = None


class Tail:
    """Reads one stream in a thread of its own until it ends or is closed. `hand_on` is called in that thread."""

    def __init__(
        self, cluster: Cluster, path: str, query: Mapping[str, Any], silence: float, hand_on: Callable[[Heard], None]
    ) -> None:
        self._cluster = cluster
        self._path = path
        self._query = query
        self._silence = silence
        self._hand_on = hand_on
        self._lock = threading.Lock()
        self._stream: Stream | None = None
        self._is_closed = False
        self.opened = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"watch {path}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the stream; the thread follows."""
        with self._lock:
            self._is_closed = True
            if self._stream is not None:
                self._stream.close()

    def join(self, seconds: float) -> None:
        """Waits for the thread of a closed tail."""
        self._thread.join(seconds)

    def _run(self) -> None:
        end = self._listen()
        if not self._is_closed:
            self._hand_on(Heard(self, None, end))

    def _listen(self) -> End:
        try:
            stream = self._cluster.stream(self._path, self._query, silence=self._silence)
            with self._lock:
                self._stream = stream
                if self._is_closed:
                    stream.close()
            for event in stream:
                if self._is_closed:
                    return End.BY_ITSELF
                if event.get("type") == "ERROR":
                    return End.EXPIRED if event.get("object", {}).get("code") == 410 else End.BROKEN
                self._hand_on(Heard(self, event))
        except ApiError as error:
            return {403: End.REFUSED, 405: End.REFUSED, 410: End.EXPIRED}.get(error.status, End.BROKEN)
        except Unreachable:
            return End.BROKEN
        return End.BY_ITSELF
