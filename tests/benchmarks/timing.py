"""Timing of whole commands, two of them in turn, so that a machine that drifts drifts for both."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Series:
    """Wall seconds of one thing that was done several times."""

    name: str
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The figure to quote."""
        return statistics.median(self.seconds)

    def row(self) -> str:
        """A row of a Markdown table: name, median, least, most, how often."""
        figures = (self.median, min(self.seconds), max(self.seconds))
        return f"| {self.name} | {' | '.join(f'{figure:.2f}' for figure in figures)} | {len(self.seconds)} |"


TABLE_HEAD = "| what | median s | min s | max s | runs |\n| --- | --- | --- | --- | --- |"


class CommandFailed(Exception):
    """A measured command failed: its time means nothing."""


def run(command: Sequence[str], **options: object) -> str:
    """Runs a command and answers with what it printed; raises CommandFailed with the end of it."""
    done = subprocess.run(  # type: ignore[call-overload]
        list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    if done.returncode != 0:
        raise CommandFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return str(done.stdout)


def in_turn(series: Sequence[tuple[Series, Callable[[], float]]], runs: int) -> None:
    """A B A B ...: each function answers with the seconds it wants counted."""
    for number in range(1, runs + 1):
        for one, measure in series:
            one.seconds.append(measure())
            told(f"{one.name}: run {number} of {runs}, {one.seconds[-1]:.2f} s")


def timed(function: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    started = time.monotonic()
    function()
    return time.monotonic() - started


def timed_output(function: Callable[[], str]) -> tuple[float, str]:
    """Wall seconds of one call, and what it answers."""
    started = time.monotonic()
    said = function()
    return time.monotonic() - started, said


def told(line: str) -> None:
    """Tells whoever looks on how far it is."""
    print(f"  {line}", file=sys.stderr, flush=True)
