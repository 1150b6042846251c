"""What was measured of whom, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contenders.contender import Seconds
from timing import Series

ALONE = ", its library alone"


@dataclass
class Rounds:
    """The seconds of each contender's steps, and why a contender failed."""

    series: dict[str, dict[str, Series]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def note(self, who: str, step: str, taken: Seconds) -> None:
        """Takes a figure in; what a library took alone is a step of its own (see ALONE)."""
        self._series(who, step).seconds.append(taken.wall)
        if taken.alone is not None:
            self._series(who, step + ALONE).seconds.append(taken.alone)

    def median(self, who: str, step: str) -> float | None:
        """None where there is no figure."""
        found = self.series.get(who, {}).get(step)
        return found.median if found else None

    def medians(self, who: str) -> Mapping[str, float]:
        """Of each step that was measured."""
        return {step: series.median for step, series in self.series.get(who, {}).items()}

    def last(self, who: str, step: str) -> str:
        """The last figure for whoever looks on."""
        return f"{step}: " + (self.failures.get(who) or f"{self.series[who][step].seconds[-1]:.2f} s")

    def times(self, slower: str, faster: str, step: str) -> float | None:
        """How many times faster one is."""
        one, other = self.median(slower, step), self.median(faster, step)
        return one / other if one and other else None

    def _series(self, who: str, step: str) -> Series:
        return self.series.setdefault(who, {}).setdefault(step, Series(step))
