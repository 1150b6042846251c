"""What a module tells of its work while it runs: to the action plugin that started it, if that listens.

Ansible shows nothing before a module has ended. So the action plugin makes a private named pipe and names it in the
environment; here each message is one line of JSON in it. Nothing is ever kept on disk, and nothing that goes wrong
with it reaches the module's work: where nobody listens, or too slowly, what is told is lost.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import stat
import threading
import time

VARIABLE = "MLOPS_TRACKING_PROGRESS"

_LONGEST_TEXT = 1000  # characters
_SECONDS_BETWEEN_COUNTS = 0.1


class Progress:
    """Tells how things are. `of` names a thing as rows do, such as `Job training/proof`; empty for the module itself.

    No text may hold a secret: mask it first. Every method may be called from many threads.
    """

    def __init__(self, pipe: int | None = None) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._told: dict[str, str] = {}

    @classmethod
    def from_environment(cls) -> Progress:
        """To whoever listens to the pipe that the environment names; else to nobody."""
        path = os.environ.get(VARIABLE)
        if not path:
            return cls()
        with contextlib.suppress(OSError):
            pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            if stat.S_ISFIFO(os.fstat(pipe).st_mode):
                return cls(pipe)
            os.close(pipe)
        return cls()

    @property
    def is_heard(self) -> bool:
        """Whether somebody listens, so that it is worth finding words."""
        return self._pipe is not None

    def now(self, of: str, text: str) -> None:
        """How a thing is that is waited for; told when it is another text than before."""
        if self._is_news(of, text):
            self._send({"of": of, "now": text})

    def end(self, of: str, text: str) -> None:
        """A thing that was waited for is no longer, and this is how it is."""
        if not self.is_heard:
            return
        with self._lock:
            was_told = self._told.pop(of, None) is not None
        if was_told:
            self._send({"of": of, "end": text})

    def line(self, of: str, text: str) -> None:
        """A line that stays, such as one of a log."""
        self._send({"of": of, "line": text})

    def count(self, what: str, total: int) -> Count:
        """For counting up to `total`: `312 of 500 objects applied`, where `what` is `objects applied`."""
        return Count(self, what, total)

    def close(self) -> None:
        """Tells nobody any more."""
        with self._lock:
            pipe, self._pipe = self._pipe, None
        if pipe is not None:
            os.close(pipe)

    def _is_news(self, of: str, text: str) -> bool:
        if not self.is_heard:
            return False
        with self._lock:
            is_news = self._told.get(of) != text
            self._told[of] = text
        return is_news

    def _send(self, message: dict[str, str]) -> None:
        if not self.is_heard:
            return
        line = _line(message)
        with self._lock, contextlib.suppress(OSError):  # nobody listens any more, or too slowly
            if self._pipe is not None:
                os.write(self._pipe, line)


def _line(message: dict[str, str]) -> bytes:
    """Short enough that the pipe takes it in one piece."""
    longest = _LONGEST_TEXT
    while True:
        cut = {key: text if len(text) <= longest else f"{text[:longest]}..." for key, text in message.items()}
        line = json.dumps(cut, ensure_ascii=False).encode(errors="replace") + b"\n"
        if len(line) <= select.PIPE_BUF or not longest:
            return line
        longest //= 2


class Count:
    """Counts things that are done; several threads may."""

    def __init__(self, progress: Progress, what: str, total: int) -> None:
        self._progress = progress
        self._what = what
        self._total = total
        self._done = 0
        self._said = 0.0
        self._lock = threading.Lock()

    def one(self) -> None:
        """One more is done."""
        if not self._progress.is_heard:
            return
        with self._lock:
            self._done += 1
            now = time.monotonic()
            if now - self._said < _SECONDS_BETWEEN_COUNTS:
                return
            self._said = now
            text = self._text
        self._progress.now("", text)

    def end(self) -> None:
        """All that will be done is done."""
        self._progress.end("", self._text)

    @property
    def _text(self) -> str:
        return f"{self._done:,} of {self._total:,} {self._what}"
