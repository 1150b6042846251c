"""From what the tasks of a play returned to findings: every module's rows are read the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Finding, NotTold

JSON = Any

# What a module's row says it would do, where it says no more: a thing to be created is missing.
_STATES = {"created": "missing", "deleted": "extra"}


@dataclass
class Seen:
    """All that was looked at so far, each thing once."""

    objects: dict[str, None] = field(default_factory=dict)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    not_told: dict[NotTold, None] = field(default_factory=dict)

    def take(self, task: str, result: Mapping[str, JSON]) -> None:
        """Takes in what one task returned; of a loop, what each round did."""
        rounds = result.get("results")
        if isinstance(rounds, list):
            known = len(self.not_told)
            for each in rounds:
                self.take(task, each)
            if len(self.not_told) > known or not rounds:
                return
        rows: Sequence[Mapping[str, JSON]] = result.get("objects") or []
        for row in rows:
            self._row(task, row)
        is_failed = bool(result.get("failed") or result.get("unreachable"))
        if is_failed and not any(row["action"] == "failed" for row in rows):
            self.not_told[NotTold(task, str(result.get("msg") or "it failed and said nothing"), task)] = None
        if result.get("changed") and not rows and not is_failed:
            self._find(Finding(task, "changed", task=task))

    def fail(self, what: str, why: str) -> None:
        """Takes in something that could not even begin."""
        self.not_told[NotTold(what, why)] = None

    def _row(self, task: str, row: Mapping[str, JSON]) -> None:
        reference = str(row["ref"])
        if row["action"] == "failed":
            self.not_told[NotTold(reference, str(row.get("error") or "no reason was given"), task)] = None
            return
        if row["action"] == "not tried":
            self.not_told[NotTold(reference, "something else of its set could not be read", task)] = None
            return
        self.objects[reference] = None
        for finding in _findings(task, reference, row):
            self._find(finding)

    def _find(self, finding: Finding) -> None:
        self.objects.setdefault(finding.object)
        self.findings.setdefault(finding.identity, finding)


def _findings(task: str, reference: str, row: Mapping[str, JSON]) -> Iterator[Finding]:
    told = row.get("findings")
    if told is not None:
        for each in told:
            yield Finding(object=reference, task=task, **each)
    elif row["action"] in _STATES:
        yield Finding(reference, _STATES[row["action"]], task=task)
    elif row["action"] == "changed":
        for path in row.get("changes") or [""]:
            yield Finding(reference, "changed", path, "/" + path.replace(".", "/") if path else "", task=task)
