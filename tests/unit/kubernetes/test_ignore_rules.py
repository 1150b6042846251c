"""Which fields a rule names."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore import expressions, pointers

JSON = Any

DOCUMENT: JSON = {
    "data": {"a.b": "1", "c~d": "2", "e/f": "3"},
    "spec": {"rules": [{"host": "x"}, {"host": "y"}], "ports": [{"port": 80}, {"port": 81}]},
}
COMPUTED = ["a | b", "a || b", "length(a)", "[a, b]", "{a: b}", "`1`", "a[0:2]", "!a", "a == b"]


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ('data."a.b"', [("data", "a.b")]),
        ("spec.ports[0]", [("spec", "ports", 0)]),
        ("spec.ports[-1].port", [("spec", "ports", 1, "port")]),
        ("spec.rules[*].host", [("spec", "rules", 0, "host"), ("spec", "rules", 1, "host")]),
        ("spec.rules[].host", [("spec", "rules", 0, "host"), ("spec", "rules", 1, "host")]),
        ("spec.rules[?host=='y'].host", [("spec", "rules", 1, "host")]),
        ("spec.ports[?port > `80`]", [("spec", "ports", 1)]),
        ("spec.nothing.here", []),
    ],
)
def test_an_expression_selects_places(expression: str, paths: list[JSON]) -> None:
    assert expressions.find(expressions.parse(expression), DOCUMENT) == paths


@pytest.mark.parametrize("expression", COMPUTED)
def test_an_expression_that_computes_a_value_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInput, match=r"Variable ignore cannot be used: .* names no field"):
        expressions.parse(expression)


@pytest.mark.parametrize(
    ("pointer", "paths"),
    [
        ("/data/c~0d", [("data", "c~d")]),
        ("/data/e~1f", [("data", "e/f")]),
        ("/spec/ports/1/port", [("spec", "ports", 1, "port")]),
        ("/spec/ports/-", []),
        ("/spec/ports/01", []),
        ("/spec/ports/2", []),
        ("/spec/ports/port", []),
        ("/nothing", []),
    ],
)
def test_a_pointer_leads_to_one_place_or_none(pointer: str, paths: list[JSON]) -> None:
    assert pointers.find(pointers.parse(pointer), DOCUMENT) == paths


@pytest.mark.parametrize("pointer", ["", "/", "spec/replicas", "/a~2b", "/a//b"])
def test_what_is_no_pointer_to_a_field_is_refused(pointer: str) -> None:
    with pytest.raises(InvalidInput, match="is not a JSON pointer to a field"):
        pointers.parse(pointer)
