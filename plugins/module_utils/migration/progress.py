"""The log as live progress: one plain line when a step begins, every two seconds while it runs, and when it ends."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

EVERY_SECONDS = 2.0


@dataclass
class Progress:
    """Says on `stream` how far a step is. Steps follow each other; each is given the rows it will take, if known."""

    stream: TextIO = field(default_factory=lambda: sys.stdout)
    step: str = ""
    total: int = 0
    rows: int = 0
    began: float = 0.0
    said: float = 0.0

    def begin(self, step: str, total: int = 0) -> None:
        """A step of `total` rows begins; 0 where nobody knows."""
        self.step, self.total, self.rows = step, total, 0
        self.began = self.said = time.monotonic()
        self.say(f"{step}: begins" + (f", {total:,} rows" if total else ""))

    def advance(self, rows: int, what: str = "") -> None:
        """`rows` more are done, of `what`."""
        self.rows += rows
        now = time.monotonic()
        if now - self.said >= EVERY_SECONDS:
            self.said = now
            self.say(f"{self.step}: {what + ', ' if what else ''}{self._figures(now)}")

    def note(self, what: str, *, is_long: bool = False) -> None:
        """The step is at `what` now, and nobody knows for how long. is_long: it is worth a line in any case."""
        now = time.monotonic()
        if is_long or now - self.said >= EVERY_SECONDS:
            self.said = now
            self.say(f"{self.step}: {what}, {now - self.began:.0f} s so far")

    def end(self, note: str = "") -> float:
        """The step is done; gives its seconds."""
        seconds = time.monotonic() - self.began
        rate = f", {self.rows:,} rows, {self.rows / max(seconds, 1e-9):,.0f} rows/s" if self.rows else ""
        self.say(f"{self.step}: done in {seconds:.1f} s{rate}{'; ' + note if note else ''}")
        return seconds

    def say(self, line: str) -> None:
        """One line of the log."""
        print(line, file=self.stream, flush=True)

    def _figures(self, now: float) -> str:
        rate = self.rows / max(now - self.began, 1e-9)
        if not self.total:
            return f"{self.rows:,} rows, {rate:,.0f} rows/s"
        left = max(0, self.total - self.rows) / max(rate, 1e-9)
        return f"{self.rows:,} of {self.total:,} rows, {rate:,.0f} rows/s, {left:,.0f} s left"
