"""Findings from two states of a thing: as it is, and as it is described."""

from __future__ import annotations

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import differing
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import (
    Finding,
    State,
    pointer,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import Path

JSON = Any


def findings_between(found: JSON | None, expected: JSON | None) -> list[Finding]:
    """What differs. Both are masked; None is a thing that is not there."""
    if found == expected:
        return []
    if found is None:
        return [Finding(State.MISSING)]
    if expected is None:
        return [Finding(State.EXTRA)]
    return [
        Finding(
            state_of(each.before, each.after),
            each.path,
            pointer(each.before or each.after or ()),
            value_at(expected, each.after),
            value_at(found, each.before),
        )
        for each in differing(found, expected)
    ]


def looked_at(name: str, found: JSON | None, expected: JSON | None) -> Result:
    """The row of a thing that is only looked at."""
    return Result(name, Action.UNCHANGED, findings=findings_between(found, expected))


def state_of(found: Path | None, expected: Path | None) -> State:
    """What a place that is missing in one of two states says."""
    if found is None:
        return State.MISSING
    return State.EXTRA if expected is None else State.CHANGED


def value_at(document: JSON, steps: Path | None) -> JSON:
    """The value at a path that exists; None for no path. Where all around it is masked, what is shown of that."""
    if steps is None:
        return None
    for step in steps:
        if isinstance(document, str):
            break
        document = document[step]
    return document
