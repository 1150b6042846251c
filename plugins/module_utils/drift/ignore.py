"""Rules of the inventory that take findings out: by object, by JSON pointer, by manager; each with its reason."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import ExpiredRule, Finding, Ignored
from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput

JSON = Any

VARIABLE = "drift_ignore"
_KEYS = frozenset({"object", "pointers", "managers", "reason", "until"})


@dataclass(frozen=True)
class Rule:
    """object and managers: shell patterns. pointers: a field and what is below it. until: the last day it holds."""

    object: str
    pointers: tuple[str, ...]
    managers: tuple[str, ...]
    reason: str
    until: datetime.date | None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, JSON]) -> Rule:
        """From one element of variable drift_ignore. Raises InvalidInput."""
        unknown = sorted(set(parameters) - _KEYS)
        if unknown:
            raise InvalidInput(
                VARIABLE, f"a rule has no {', '.join(unknown)}", f"Its keys are {', '.join(sorted(_KEYS))}"
            )
        if not str(parameters.get("reason") or "").strip():
            raise InvalidInput(
                VARIABLE,
                f"the rule for {parameters.get('object', '*')} gives no reason",
                "Say in reason why it is there",
            )
        pointers = tuple(str(each) for each in parameters.get("pointers") or [])
        wrong = [each for each in pointers if not each.startswith("/") or each == "/"]
        if wrong:
            raise InvalidInput(VARIABLE, f"{wrong[0]!r} is no JSON pointer to a field", "Write it as /spec/replicas")
        rule = cls(
            str(parameters.get("object") or "*"),
            pointers,
            tuple(str(each) for each in parameters.get("managers") or []),
            str(parameters["reason"]).strip(),
            _date(parameters.get("until")),
        )
        if rule.object == "*" and not rule.pointers and not rule.managers:
            raise InvalidInput(VARIABLE, "a rule would ignore everything", "Name an object, pointers or managers in it")
        return rule

    def is_past(self, today: datetime.date) -> bool:
        """Whether its last day has gone by."""
        return self.until is not None and self.until < today

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding; all that it names has to fit."""
        return (
            fnmatchcase(finding.object, self.object)
            and (not self.pointers or any(_is_below(finding.pointer, each) for each in self.pointers))
            and (not self.managers or any(fnmatchcase(finding.manager, each) for each in self.managers))
        )


@dataclass(frozen=True)
class Sifted:
    """Findings told apart by the rules."""

    kept: Sequence[Finding]
    ignored: Sequence[Ignored]
    expired: Sequence[ExpiredRule]


def rules_from(parameters: Sequence[Mapping[str, JSON]]) -> list[Rule]:
    """All rules of variable drift_ignore. Raises InvalidInput."""
    return [Rule.from_parameters(each) for each in parameters]


def sift(findings: Sequence[Finding], rules: Sequence[Rule], today: datetime.date) -> Sifted:
    """Which findings stay, which a rule takes out, and which rules are past their date."""
    standing = [rule for rule in rules if not rule.is_past(today)]
    kept, ignored = [], []
    for finding in findings:
        rule = next((each for each in standing if each.covers(finding)), None)
        if rule is None:
            kept.append(finding)
        else:
            ignored.append(Ignored(finding, rule.reason))
    expired = [ExpiredRule(rule.object, rule.reason, str(rule.until)) for rule in rules if rule.is_past(today)]
    return Sifted(kept, ignored, expired)


def _is_below(pointer: str, parent: str) -> bool:
    return pointer == parent or pointer.startswith(f"{parent}/") or fnmatchcase(pointer, parent)


def _date(value: JSON) -> datetime.date | None:
    if value in (None, ""):
        return None
    try:
        return datetime.date.fromisoformat(str(value)[:10])
    except ValueError:
        raise InvalidInput(VARIABLE, f"until is {value!r}, which is no date", "Write it as 2027-03-31") from None
