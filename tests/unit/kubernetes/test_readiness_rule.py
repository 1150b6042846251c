"""Rules of the user's for when objects are ready."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.kinds import assess
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import rules_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings

JSON = Any

PHASE = "status.phase == 'Ready'"
FAILURE = "status.phase == 'Failed'"
AROUND = Surroundings(lambda: None, lambda _namespace, _name: None, lambda _service: False)


def verdict_on(*rules: JSON, name: str = "first", **status: JSON) -> str:
    body = {"metadata": {"name": name, "generation": 2}, "status": status}
    verdict = assess(Reference("example.com/v1", "Widget", "a", name), body, AROUND, rules_of(rules))
    word = "waiting" if not verdict.done else "ready" if verdict.successful else "failed"
    return f"{word}: {verdict.message}"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"phase": "Ready"}, f"ready: {PHASE} is true"),
        ({"phase": "Pending"}, f"waiting: {PHASE} is false"),
        ({}, f"waiting: {PHASE} is false"),
        ({"phase": "Failed"}, f"failed: {FAILURE} is true"),
        ({"phase": "Failed", "message": "no room"}, f"failed: {FAILURE} is true: no room"),
        ({"phase": "Ready", "observedGeneration": 1}, "waiting: the change is not seen yet"),
    ],
)
def test_an_expression_says_when_an_object_is_ready(status: JSON, expected: str) -> None:
    assert verdict_on({"kind": "Widget", "expression": PHASE, "failure": FAILURE}, **status) == expected


def test_only_true_is_true() -> None:
    assert (
        verdict_on({"kind": "Widget", "expression": "status.phase"}, phase="True") == 'waiting: status.phase is "True"'
    )


def test_an_expression_that_does_not_suit_what_is_there_yet_is_not_true() -> None:
    expression = "contains(status.done, 'all')"
    assert verdict_on({"kind": "Widget", "expression": expression}) == f"waiting: {expression} is null"


def test_the_rule_that_names_an_object_comes_before_the_one_for_its_kind() -> None:
    rules = [{"kind": "Widget", "expression": "`false`"}, {"kind": "Widget", "name": "first", "expression": "`true`"}]
    assert verdict_on(*rules) == "ready: `true` is true"
    assert verdict_on(*rules, name="second") == "waiting: `false` is false"


def test_other_kinds_are_not_touched() -> None:
    assert verdict_on({"kind": "Gadget", "expression": "`false`"}) == "ready: exists"


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("status.phase ==", r"readiness\[0\]\.expression .*is no JMESPath expression"),
        ("status.phase = 'Ready'", r"readiness\[0\]\.expression .*is no JMESPath expression"),
        ("matches(status.phase, 'R.*')", r"calls matches\(\), which JMESPath does not have"),
    ],
)
def test_what_cannot_be_parsed_is_refused_in_one_sentence(expression: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        rules_of([{"kind": "Widget", "expression": expression}])
    assert "\n" not in str(refused.value)
