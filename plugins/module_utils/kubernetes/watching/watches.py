"""Several watches at once, and one place to wait for whichever has news."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.parallel import for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.subject import Subject
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.tail import Heard, Tail
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watch import NEVER, Watch

JSON = Any

_SECONDS_TO_END = 2.0


class Watching:
    """Watches of one cluster. At the end of its `with` block every stream is closed and no thread is left."""

    def __init__(self, cluster: Cluster, threads: int) -> None:
        self._cluster = cluster
        self._threads = threads
        self._watches: dict[Subject, Watch] = {}
        self._open: set[Subject] = set()
        self._closed: list[Tail] = []
        self._inbox: queue.SimpleQueue[tuple[Watch, Heard]] = queue.SimpleQueue()

    def __enter__(self) -> Watching:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for subject in list(self._watches):
            self.drop(subject)
        until = time.monotonic() + _SECONDS_TO_END
        for tail in self._closed:
            tail.join(max(0.0, until - time.monotonic()))

    def look(self, vital: Iterable[Subject], helpful: Iterable[Subject] = ()) -> None:
        """Reads subjects that are new here, in parallel. Raises ApiError, Unreachable for a vital one.

        helpful: those that are left empty where they may not be read.
        """
        new = [self._add(subject, is_vital=True) for subject in vital if subject not in self._watches]
        new += [self._add(subject, is_vital=False) for subject in helpful if subject not in self._watches]
        self._read(new)

    def look_again(self) -> set[Subject]:
        """Reads anew what is watched, and gives what that is. Raises ApiError, Unreachable."""
        self._read(list(self._watches.values()))
        return set(self._watches)

    def listen(self) -> None:
        """Opens the streams of all that was looked at."""
        for subject, watch in self._watches.items():
            if subject not in self._open:
                self._open.add(subject)
                watch.open()

    def await_change(self, until: float) -> set[Subject]:
        """The subjects in which an object changed; empty when none did until then (on time.monotonic's clock)."""
        changed: set[Subject] = set()
        while not changed:
            now = time.monotonic()
            for watch in [each for each in self._watches.values() if each.due <= now]:
                if watch.act():
                    changed.add(watch.subject)
            if changed:
                break
            following = min([until, *(each.due for each in self._watches.values())])
            if now >= until:
                break
            changed |= self._hear(max(0.0, following - now))
        return changed

    def items(self, subject: Subject) -> Mapping[str, JSON]:
        """A subject's objects by name, as they were last seen; empty for one that was not looked at."""
        watch = self._watches.get(subject)
        return watch.items if watch is not None else {}

    def is_readable(self, subject: Subject) -> bool:
        """Whether it was looked at and may be."""
        watch = self._watches.get(subject)
        return watch is not None and watch.is_readable

    def drop(self, subject: Subject) -> None:
        """Watches it no longer."""
        watch = self._watches.pop(subject, None)
        self._open.discard(subject)
        if watch is not None and (tail := watch.close()) is not None:
            self._closed.append(tail)

    def _add(self, subject: Subject, *, is_vital: bool) -> Watch:
        watch = Watch(self._cluster, subject, lambda heard: self._inbox.put((watch, heard)), is_vital=is_vital)
        self._watches[subject] = watch
        return watch

    def _read(self, watches: Sequence[Watch]) -> None:
        for outcome in for_each(lambda watch: watch.look(), watches, self._threads):
            if outcome.error is not None:
                raise outcome.error

    def _hear(self, seconds: float) -> set[Subject]:
        """Waits for the first message and takes in what has come with it."""
        changed: set[Subject] = set()
        try:
            message = self._inbox.get(timeout=None if seconds == NEVER else seconds)
            while True:
                watch, heard = message
                if watch.take(heard):
                    changed.add(watch.subject)
                message = self._inbox.get_nowait()
        except queue.Empty:
            return changed
