"""An answer that comes line by line for as long as it is listened to, such as a watch."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.api_error import Unreachable

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

JSON = Any

_PIECE = 65536


class Stream:
    """The lines of one answer, as text or as JSON, read by one thread; `close` may be called by another."""

    def __init__(self, response: BaseHTTPResponse, where: str, silence: float) -> None:
        self._response = response
        self._where = where
        self._is_closed = False
        socket = getattr(response.connection, "sock", None)
        if socket is not None:  # until now, it had the shorter time a request may take to be answered
            socket.settimeout(silence)

    def __iter__(self) -> Iterator[JSON]:
        """As `lines`, each read as JSON."""
        for line in self._lines():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise self._broken(error) from None

    def lines(self) -> Iterator[str]:
        """Ends when the server ends it or it is closed. Raises Unreachable when it breaks."""
        for line in self._lines():
            yield line.decode("utf-8", "replace")

    def _lines(self) -> Iterator[bytes]:
        import urllib3

        rest = b""
        try:
            while piece := self._response.read1(_PIECE):
                *lines, rest = (rest + piece).split(b"\n")
                yield from (line for line in lines if line)
            if rest:
                yield rest
        except (urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError) as error:
            # A socket that is shut down under its reader shows itself in any of these.
            if not self._is_closed:
                raise self._broken(error) from None
        finally:
            self._response.close()

    def _broken(self, error: Exception) -> Unreachable:
        return Unreachable(f"the stream broke ({type(error).__name__}: {error})", where=self._where)

    def close(self) -> None:
        """Ends it: the reader wakes up and finds no more lines."""
        self._is_closed = True
        with contextlib.suppress(ValueError, RuntimeError, OSError):
            self._response.shutdown()
