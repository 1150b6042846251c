"""Who takes part: what is asked of everybody, and what becomes of those who cannot be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FIRST, SAME, CHECK = "first apply", "no change", "differences"
STEPS = (FIRST, SAME, CHECK)


@dataclass(frozen=True)
class Target:
    """The cluster, the namespace that is there and empty, and the file with the objects for it."""

    kubeconfig: Path
    context: str
    namespace: str
    manifests: Path


@dataclass(frozen=True)
class Seconds:
    """Wall seconds of a whole process. alone: of what its library did, where the program tells it."""

    wall: float
    alone: float | None = None


Measure = Callable[[Target], Seconds]


@dataclass(frozen=True)
class Contender:
    """One way to make objects so. steps: what measures each, in the order they are done in.

    largest: the most objects it is asked for. most_runs: how often at most.
    """

    name: str
    version: str
    steps: Mapping[str, Measure]
    largest: int = 100_000
    most_runs: int = 100


class NotToBeHad(Exception):
    """A contender that this machine cannot have; the text says why."""
