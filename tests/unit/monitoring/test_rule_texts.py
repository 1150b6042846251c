"""Whether a loaded rule is the described one, whatever way each is spelled."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.rule_texts import (
    seconds,
    state_of_described,
    state_of_loaded,
)

RULE = {
    "alert": "Down",
    "expr": "(sum(up) or vector(0))  < 1",
    "for": "2m",
    "labels": {"severity": "critical"},
    "annotations": {"summary": "It is down"},
}
LOADED = {
    "query": "(sum(up) or vector(0)) < 1",
    "duration": 120,
    "labels": {"severity": "critical"},
    "annotations": {"summary": "It is down"},
}


def never(_text: str) -> str:
    raise AssertionError("the server is not asked how it spells what is the same")


@pytest.mark.parametrize(("text", "value"), [("5s", 5), ("1h30m", 5400), ("0s", 0), ("500ms", 0.5), ("1d", 86400)])
def test_a_duration_is_read(text: str, value: float) -> None:
    assert seconds(text) == value


def test_the_same_rule_is_the_same_without_asking_the_server() -> None:
    assert state_of_loaded(LOADED, state_of_described(RULE), never) == state_of_described(RULE)


def test_an_expression_that_the_server_spells_the_same_is_the_same() -> None:
    loaded = {**LOADED, "query": "sum(up) or vector(0) < 1"}
    assert state_of_loaded(loaded, state_of_described(RULE), lambda _text: "same") == state_of_described(RULE)


def test_what_differs_is_given_as_the_server_has_it() -> None:
    loaded = {**LOADED, "query": "sum(up) < 3", "duration": 300.0, "labels": {"severity": "info"}}
    state = state_of_loaded(loaded, state_of_described(RULE), lambda text: text)
    assert (state["expr"], state["for"], state["labels"]) == ("sum(up) < 3", "300s", {"severity": "info"})
