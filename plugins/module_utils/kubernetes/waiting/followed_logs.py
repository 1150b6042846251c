"""What the containers of pods write, told line by line as they write it, without the secrets they were given."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.stream import Stream
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.container_log import ContainerLog
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any

_SECONDS_BEFORE_ANEW = 2.0
# The end of a log follows its container's a moment later.
_SECONDS_TO_END = 2.0
# So many lines at once, and so many a second for long, are read by nobody.
_BURST, _LINES_A_SECOND = 60.0, 15.0
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


class FollowedLogs:
    """Follows what it is shown; at the end of its `with` block nothing is followed any more."""

    def __init__(self, cluster: Cluster, mask: Mask, progress: Progress) -> None:
        self._log = ContainerLog(cluster, mask)
        self._progress = progress
        self._followed: dict[tuple[str, str], _Follower] = {}

    def __enter__(self) -> FollowedLogs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        until = time.monotonic() + (_SECONDS_TO_END if kind is None else 0.0)
        for follower in self._followed.values():
            follower.end(until)

    def follow(self, of: Reference, pods: Sequence[Mapping[str, JSON]]) -> None:
        """Begins with containers that run now, and goes on with those whose stream broke off."""
        if not self._progress.is_heard:
            return
        for pod in pods:
            status = pod.get("status") or {}
            containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
            for container in containers:
                if not {"running", "terminated"} & set(container.get("state") or {}):
                    continue
                key, name = (pod["metadata"]["uid"], container["name"]), container["name"]
                if key not in self._followed:
                    told_as = f"{of}, {name}" if len(containers) > 1 else str(of)
                    self._followed[key] = _Follower(self._log, self._progress, told_as, pod, name)
                self._followed[key].go_on(is_running="running" in container["state"])


@dataclass
class _Follower:
    """One container's log. A stream that is opened anew goes on after the last line that was told."""

    log: ContainerLog
    progress: Progress
    of: str
    pod: Mapping[str, JSON]
    container: str
    _told_until: str = ""  # the time of the last line that was told, as the server writes it
    _thread: threading.Thread | None = None
    _stream: Stream | None = None
    _ended: float = 0.0
    _last: str = ""  # of the lines that were left out
    _allowance: _Allowance = field(default_factory=lambda: _Allowance())

    def go_on(self, *, is_running: bool) -> None:
        """Sees to it that somebody listens, as long as there is something to come."""
        is_begun = self._thread is not None
        if is_begun and (not is_running or not self._has_rested()):
            return
        self._thread = threading.Thread(target=self._run, name=f"log of {self.container}", daemon=True)
        self._thread.start()

    def end(self, until: float) -> None:
        """Waits until then for the last lines."""
        if self._thread is None:
            return
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._thread.is_alive() and self._stream is not None:
            self._stream.close()
            self._thread.join(1.0)
        self._tell_left_out(but_the_last=True)  # how it ended is what people look for

    def _has_rested(self) -> bool:
        is_listening = self._thread is not None and self._thread.is_alive()
        return not is_listening and time.monotonic() - self._ended >= _SECONDS_BEFORE_ANEW

    def _run(self) -> None:
        with contextlib.suppress(TrackingError):  # it may not be read, or broke off
            self._stream = self.log.follow(self.pod, self.container, since=self._told_until)
            for line in self._stream.lines():
                written, _space, text = line.partition(" ")
                if written > self._told_until:
                    self._told_until = written
                    self._tell(text)
        self._ended = time.monotonic()

    def _tell(self, text: str) -> None:
        # Of a line that is written over again and again, such as a bar, the last state counts.
        text = text.rstrip().rsplit("\r", 1)[-1]
        if not text:
            return
        if self._allowance.takes_one():
            self._tell_left_out()
            self._line(text)
        else:
            self._last = text

    def _tell_left_out(self, *, but_the_last: bool = False) -> None:
        refused = self._allowance.left_out()
        count = refused - but_the_last
        if count > 0:
            self.progress.line(self.of, f"... {count:,} line{'s' if count > 1 else ''} left out ...")
        if refused and but_the_last:
            self._line(self._last)

    def _line(self, text: str) -> None:
        self.progress.line(self.of, _CONTROL.sub("", self.log.mask.text(text)))


@dataclass
class _Allowance:
    """How many lines may be told now."""

    _left: float = _BURST
    _looked: float = field(default_factory=time.monotonic)
    _refused: int = 0

    def takes_one(self) -> bool:
        now = time.monotonic()
        self._left = min(_BURST, self._left + (now - self._looked) * _LINES_A_SECOND)
        self._looked = now
        if self._left < 1:
            self._refused += 1
            return False
        self._left -= 1
        return True

    def left_out(self) -> int:
        """How many lines were refused since the last time that was asked."""
        count, self._refused = self._refused, 0
        return count
