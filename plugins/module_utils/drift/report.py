"""What a drift check found of one cluster: what differs, what could not be looked at, and what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = Any

IN_SYNC, DRIFT, NOT_TOLD = 0, 2, 4  # Ansible's own bits for failed and for unreachable hosts


@dataclass(frozen=True)
class Finding:
    """One difference. object: `Deployment monitoring/mlflow`, `Bucket training-results`, or a task that has no objects.

    state: changed, missing or extra. path and pointer are empty for the whole object. expected and found are masked.
    manager and time: whose hand it was and when it last wrote, as far as is known. task: who looked.
    """

    object: str
    state: str
    path: str = ""
    pointer: str = ""
    expected: JSON = None
    found: JSON = None
    manager: str = ""
    time: str = ""
    task: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two findings the same: two sets may look at one namespace."""
        return (self.object, self.state, self.pointer)


@dataclass(frozen=True)
class NotTold:
    """Something that could not be looked at, and why."""

    what: str
    why: str
    task: str = ""


@dataclass(frozen=True)
class Ignored:
    """A finding that a rule of the inventory takes out, and the reason it gives."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class ExpiredRule:
    """A rule whose end date has passed, so that it takes nothing out any more."""

    object: str
    reason: str
    until: str


@dataclass(frozen=True)
class Report:
    """One check of one cluster. started: RFC 3339, UTC. seconds: how long it took. objects: all that were looked at."""

    cluster: str
    started: str
    seconds: float
    objects: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    not_told: Sequence[NotTold] = ()
    ignored: Sequence[Ignored] = ()
    expired_rules: Sequence[ExpiredRule] = field(default_factory=tuple)

    @property
    def status(self) -> int:
        """The exit status: bits, so that several clusters add up."""
        return (DRIFT if self.findings else IN_SYNC) | (NOT_TOLD if self.not_told else IN_SYNC)

    @property
    def drifted(self) -> dict[str, str]:
        """The state of each object that drifts; a whole object that is missing or extra counts before its fields."""
        states: dict[str, str] = {}
        for finding in self.findings:
            states[finding.object] = "changed" if finding.path else finding.state
        return states

    def counts(self) -> dict[str, int]:
        """How many objects are in each state, all states named."""
        states = Counter(self.drifted.values())
        fine = [each for each in self.objects if each not in self.drifted]
        return {
            "in_sync": len(fine),
            "changed": states["changed"],
            "missing": states["missing"],
            "extra": states["extra"],
            "not_told": len(self.not_told),
        }

    def sentence(self) -> str:
        """The outcome in one line."""
        counts = self.counts()
        parts = [f"{counts['in_sync']} of {len(set(self.objects))} objects as described"]
        if self.findings:
            parts.append(f"{len(self.findings)} finding{'s' if len(self.findings) > 1 else ''}")
        parts += [f"{len(self.not_told)} could not be looked at"] if self.not_told else []
        parts += [f"{len(self.ignored)} ignored"] if self.ignored else []
        if self.expired_rules:
            parts.append(
                f"{len(self.expired_rules)} ignore rule{'s' if len(self.expired_rules) > 1 else ''} past its date"
            )
        return ", ".join(parts)
