"""One subject kept up to date: by a watch, and by asking again where there can be none.

All decisions are made in the caller's thread, by `take` and `act`; only the stream is read in another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.subject import Subject, read
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.tail import End, Heard, Tail

JSON = Any

# How long one stream lasts before it is resumed, and how long no word of it is believed to be silence.
STREAM_SECONDS = 60
_SILENCE = STREAM_SECONDS + 10.0
# A stream that lived so long or told something was a good one.
_GOOD_SECONDS = 5.0
# So many bad ones in a row, and there is no point in watching.
_BAD_STREAMS = 5
_FIRST_PAUSE = 0.1
_POLL_PAUSE = 0.5
NEVER = float("inf")


class Watch:
    """The objects of one subject by name, in `items`.

    is_vital: what cannot be read is an error; otherwise it is left empty. `hand_on` gets what the stream tells.
    """

    def __init__(
        self, cluster: Cluster, subject: Subject, hand_on: Callable[[Heard], None], *, is_vital: bool = True
    ) -> None:
        self.subject = subject
        self.is_vital = is_vital
        self.is_readable = True
        self.items: dict[str, JSON] = {}
        self.due = NEVER  # when `act` is to be called, on the clock of time.monotonic
        self._cluster = cluster
        self._hand_on = hand_on
        self._version = ""
        self._tail: Tail | None = None
        self._polls = False
        self._reads_by_name = False
        self._bad_streams = 0
        self._has_told = False

    def look(self) -> None:
        """Reads all anew. Raises ApiError or Unreachable where that fails for a vital subject."""
        try:
            seen = read(self._cluster, self.subject, by_name=self._reads_by_name)
        except ApiError as error:
            if self.is_vital or error.status not in (403, 404, 405):
                raise
            self.is_readable, self.items = False, {}
            return
        self.items, self._version = seen.items, seen.version
        self._reads_by_name = not seen.version
        self._polls = self._polls or self._reads_by_name

    def open(self) -> None:
        """Listens from what was read on; where that cannot be, `act` is due soon."""
        self.due = NEVER
        if not self.is_readable:
            return
        if self._polls:
            self.due = time.monotonic() + _POLL_PAUSE
            return
        query = {
            **self.subject.query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": STREAM_SECONDS,
        }
        self._has_told = False
        self._tail = Tail(self._cluster, self.subject.path, query, _SILENCE, self._hand_on)

    def take(self, heard: Heard) -> bool:
        """Takes in what the stream told; true when an object changed."""
        if heard.tail is not self._tail:
            return False  # of a stream that was given up
        if heard.event is None:
            self._ended(heard.end or End.BROKEN, time.monotonic() - heard.tail.opened)
            return False
        self._has_told = True
        body = heard.event["object"]
        self._version = body["metadata"]["resourceVersion"]
        if heard.event["type"] == "BOOKMARK" or not self.subject.counts(body):
            return False
        if heard.event["type"] == "DELETED":
            return self.items.pop(body["metadata"]["name"], None) is not None
        self.items[body["metadata"]["name"]] = body
        return True

    def act(self) -> bool:
        """Does what is due: asks again, listens again or both; true when an object may have changed."""
        before = self.items
        if self._polls or not self._version or self._bad_streams:
            self.look()
        self.open()
        return before is not self.items and _versions(before) != _versions(self.items)

    def close(self) -> Tail | None:
        """Ends the stream; gives the tail whose thread may be waited for."""
        self.due = NEVER
        tail, self._tail = self._tail, None
        if tail is not None:
            tail.close()
        return tail

    def _ended(self, end: End, lasted: float) -> None:
        was_good = self._has_told or lasted >= _GOOD_SECONDS
        self._tail = None
        self._bad_streams = 0 if was_good else self._bad_streams + 1
        if end is End.EXPIRED:
            self._version = ""
        if end is End.REFUSED or self._bad_streams >= _BAD_STREAMS:
            self._polls = True
        pause = 0.0 if was_good and end is not End.BROKEN else _FIRST_PAUSE * 2.0**self._bad_streams
        self.due = time.monotonic() + (_POLL_PAUSE if self._polls else pause)


def _versions(items: Mapping[str, JSON]) -> dict[str, str]:
    return {name: body["metadata"]["resourceVersion"] for name, body in items.items()}
