"""Ignore rules: what they cover, what they must say, and that a date ends them."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from drift_reports import GONE, SCALED, STRANGER

from ansible_collections.mlops.tracking.plugins.module_utils.drift.ignore import rules_from, sift
from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput

JSON = Any

TODAY = datetime.date(2026, 11, 24)


def kept(*rules: JSON) -> list[str]:
    parsed = rules_from([{"reason": "because", **rule} for rule in rules])
    return [finding.object.split()[0] for finding in sift([SCALED, GONE, STRANGER], parsed, TODAY).kept]


@pytest.mark.parametrize(
    "rule",
    [
        {"object": "Deployment monitoring/*"},
        {"pointers": ["/spec/replicas"]},
        {"pointers": ["/spec"]},
        {"managers": ["kubectl"]},
        {"object": "Deployment *", "pointers": ["/spec/replicas"], "managers": ["kube*"]},
        {"object": "Deployment *", "until": "2026-11-24"},
        {"object": "Deployment *", "until": datetime.date(2027, 1, 1)},
    ],
)
def test_a_rule_takes_out_what_it_names_and_nothing_else(rule: JSON) -> None:
    assert kept(rule) == ["Service", "ConfigMap"]


@pytest.mark.parametrize(
    "rule",
    [
        {"object": "Deployment *", "pointers": ["/spec/repl"]},
        {"object": "Deployment *", "managers": ["helm"]},
        {"object": "Deployment *", "until": "2026-11-23"},
    ],
)
def test_a_rule_that_does_not_fit_takes_nothing_out(rule: JSON) -> None:
    assert kept(rule) == ["Deployment", "Service", "ConfigMap"]


def test_a_rule_past_its_date_is_reported() -> None:
    rules = rules_from([{"object": "Deployment *", "reason": "once", "until": "2026-01-01"}])
    [expired] = sift([], rules, TODAY).expired
    assert (expired.reason, expired.until) == ("once", "2026-01-01")


def test_an_ignored_finding_keeps_its_reason() -> None:
    [ignored] = sift([SCALED], rules_from([{"object": "Deployment *", "reason": "why"}]), TODAY).ignored
    assert (ignored.finding, ignored.reason) == (SCALED, "why")


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"object": "Deployment *"}, "reason"),
        ({"reason": "r"}, "everything"),
        ({"reason": "r", "pointers": ["spec.replicas"]}, "pointer"),
        ({"reason": "r", "object": "a", "until": "soon"}, "until"),
        ({"reason": "r", "objekt": "a"}, "objekt"),
    ],
)
def test_a_rule_that_cannot_work_names_the_variable_and_the_mend(rule: JSON, word: str) -> None:
    with pytest.raises(InvalidInput, match=word) as raised:
        rules_from([rule])
    assert "drift_ignore" in str(raised.value)
