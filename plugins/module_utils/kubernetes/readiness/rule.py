"""A rule of the user's: when objects of a kind are ready, told by an expression over the whole object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.expression import Expression
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
    is_observed,
    status_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import (
    Readiness,
    failed,
    ready,
    waiting,
)

JSON = Any

READINESS_OPTIONS: dict[str, dict[str, Any]] = {
    "kind": {"type": "str", "required": True},
    "name": {"type": "str"},
    "expression": {"type": "str", "required": True},
    "failure": {"type": "str"},
}
_LONGEST = 80


@dataclass(frozen=True)
class Rule:
    """For all objects of a kind, or the one of that name (then `name` is not empty)."""

    kind: str
    name: str
    expression: Expression
    failure: Expression | None

    def is_for(self, kind: str, name: str) -> bool:
        return self.kind == kind and self.name in ("", name)

    def assess(self, body: Mapping[str, JSON]) -> Readiness:
        """Ready when the expression is `true`, failed when `failure` is; a status of an older spec is neither."""
        if "observedGeneration" in status_of(body) and not is_observed(body):
            return waiting("the change is not seen yet")
        if self.failure is not None and self.failure.value(body) is True:
            message = status_of(body).get("message")
            return failed(f"{self.failure.text} is true" + (f": {message}" if isinstance(message, str) else ""))
        value = self.expression.value(body)
        if value is True:
            return ready(f"{self.expression.text} is true")
        return waiting(f"{self.expression.text} is {_shown(value)}")


def rules_of(option: Iterable[Mapping[str, JSON]]) -> list[Rule]:
    """The rules that option `readiness` holds. Raises InvalidInput for an expression that cannot be one."""
    rules = []
    for number, each in enumerate(option):
        where = f"readiness[{number}]"
        failure = each.get("failure")
        rules.append(
            Rule(
                each["kind"],
                each.get("name") or "",
                Expression(f"{where}.expression", each["expression"]),
                Expression(f"{where}.failure", failure) if failure else None,
            )
        )
    return rules


def rule_for(rules: Sequence[Rule], kind: str, name: str) -> Rule | None:
    """The rule for an object; one that names it comes before one for its kind."""
    fitting = [rule for rule in rules if rule.is_for(kind, name)]
    return max(fitting, key=lambda rule: bool(rule.name)) if fitting else None


def _shown(value: JSON) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
