"""The time that one module call has for trying again, shared by all its requests.

Each request may try for as long as the whole call. One that comes through in the end has shown that waiting is worth it
and takes nothing from the others; one that is given up takes its time from all that follow, counted once for those
that waited side by side. So a server that is down costs this time once, not once for each object, and a slow one does
not use it up for the objects that come late.
"""

from __future__ import annotations

import threading
import time

# What is left to a request when others were given up: a second try.
_LEAST_SECONDS = 1.0


class RetryBudget:
    """Thread-safe. seconds: for how long a request is tried again; 0: not at all."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._lost = 0.0  # seconds that were waited in vain
        self._counted_until = float("-inf")
        self._answered_at = float("-inf")
        self._is_silent = False

    def until(self, began: float) -> float:
        """When the last try of a request may begin, on the clock of time.monotonic. began: when the first one did."""
        with self._lock:
            return began + max(self.seconds - self._lost, min(_LEAST_SECONDS, self.seconds))

    @property
    def is_silent(self) -> bool:
        """A request was given up without an answer, and no other one has been answered since it began."""
        return self._is_silent

    def note_answer(self) -> None:
        """The server answered something."""
        with self._lock:
            self._answered_at, self._is_silent = time.monotonic(), False

    def note_success(self, tries: int) -> None:
        """A request came through."""
        if tries > 1:
            with self._lock:
                self._lost = 0.0

    def note_given_up(self, began: float, *, was_answered: bool) -> None:
        """A request that began then will not be tried again, for want of time."""
        with self._lock:
            now = time.monotonic()
            self._lost += max(0.0, now - max(began, self._counted_until))
            self._counted_until = now
            if not was_answered and self._answered_at < began:
                self._is_silent = True
