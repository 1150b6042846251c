"""How a module's progress is shown: rewritten in place in a terminal, or as lines that stay.

Views are told messages and the time, and write by a function they are given; so they can be tried without a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.words import (
    folded,
    log_line,
    plain,
    since,
    state,
)

Say = Callable[[str], None]

# What is over sooner is not worth a word.
_SECONDS_UNTIL_TOLD = 1.0
_MOST_LINES = 6


class View(Protocol):
    """Takes in what the module tells, and shows it when asked. Times are on one clock, in seconds."""

    def take(self, message: Mapping[str, str], now: float) -> None: ...

    def show(self, now: float) -> None: ...

    def end(self) -> None:
        """The module has ended."""


@dataclass
class _Waited:
    """A thing that is waited for. since: when that began. told: what was last shown of it."""

    text: str
    since: float
    told: str = ""


class _Account:
    """What is waited for now, and what is to be said of what is over, or of lines that stay."""

    def __init__(self) -> None:
        self.waited: dict[str, _Waited] = {}
        self.over: list[str] = []
        self.lines: list[str] = []

    def take(self, message: Mapping[str, str], now: float) -> None:
        of = plain(message.get("of", ""))
        if "now" in message:
            self.waited.setdefault(of, _Waited("", now)).text = plain(message["now"])
        elif "end" in message and (waited := self.waited.pop(of, None)) is not None:
            seconds = now - waited.since
            if seconds >= _SECONDS_UNTIL_TOLD:
                self.over.append(f"{state(of, plain(message['end']))}, after {since(seconds)}")
        elif "line" in message:
            self.lines.append(log_line(of, plain(message["line"])))

    def to_say(self) -> list[str]:
        """What is to be said once. Of very many things at once, the first are named."""
        more = len(self.over) - _MOST_LINES
        said = [*self.lines, *self.over[:_MOST_LINES], *([f"and {more} more"] if more > 0 else [])]
        self.lines.clear()
        self.over.clear()
        return said

    def long_waited(self, now: float) -> dict[str, _Waited]:
        return {of: each for of, each in self.waited.items() if now - each.since >= _SECONDS_UNTIL_TOLD}


class Live(_Account):
    """A block of lines at the end of the terminal, of each thing that is waited for, rewritten every second.

    say: writes what stays. draw: writes escape sequences and what is rewritten. width: columns of the terminal.
    """

    def __init__(self, say: Say, draw: Say, width: int) -> None:
        super().__init__()
        self._say, self._draw, self._width = say, draw, width
        self._drawn: list[str] = []

    def show(self, now: float) -> None:
        block = self._block(now)
        lines = self.to_say()
        if not lines and block == self._drawn:
            return
        self._erase()
        for line in lines:
            self._say(f"  {line}")
        if block:
            # Lines that do not fit after all are cut by the terminal, or the block could not be found again.
            self._draw("\x1b[?7l" + "".join(f"{line}\n" for line in block) + "\x1b[?7h")
        self._drawn = block

    def end(self) -> None:
        self.waited.clear()
        self.show(0.0)

    def _block(self, now: float) -> list[str]:
        waited = self.long_waited(now)
        first = list(waited.items())[:_MOST_LINES]
        lines = [
            line
            for of, each in first
            for line in folded(
                state(of, each.text), f" ({since(now - each.since)})", self._width, _MOST_LINES // len(first)
            )
        ]
        more = len(waited) - _MOST_LINES
        return [*lines, f"  and {more} more"] if more > 0 else lines

    def _erase(self) -> None:
        if self._drawn:
            self._draw(f"\x1b[{len(self._drawn)}A\r\x1b[J")


class Lines(_Account):
    """Lines that stay: what has changed, every few seconds, and what is still waited for, every half minute."""

    EVERY = 2.0
    AGAIN = 30.0

    def __init__(self, say: Say, prefix: str = "") -> None:
        super().__init__()
        self._say, self._prefix = say, prefix
        self._said = self._shown = float("-inf")

    def show(self, now: float) -> None:
        if self._said == float("-inf"):
            self._said = now
        for line in self.to_say():
            self._line(line, now)
        if now - self._shown < self.EVERY:
            return
        waited = self.long_waited(now)
        is_time = now - self._said >= self.AGAIN
        news = {of: each for of, each in waited.items() if each.text != each.told or is_time}
        if not news:
            return
        self._shown = now
        for of, each in list(news.items())[:_MOST_LINES]:
            each.told = each.text
            self._line(f"{state(of, each.text)} ({since(now - each.since)})", now)
        if len(news) > _MOST_LINES:
            for each in news.values():
                each.told = each.text
            self._line(f"and {len(news) - _MOST_LINES} more", now)

    def end(self) -> None:
        self.waited.clear()
        self.show(self._said)

    def _line(self, line: str, now: float) -> None:
        self._said = now
        self._say(f"{self._prefix}  {line}")
