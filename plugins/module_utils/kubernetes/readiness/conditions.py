"""Looking up an object's status: its conditions, and whether its controller has seen the last change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = Any


def status_of(body: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The status; empty when there is none yet."""
    status = body.get("status")
    return status if isinstance(status, Mapping) else {}  # a custom resource may hold anything


def condition(body: Mapping[str, JSON], kind: str) -> Mapping[str, JSON] | None:
    """The condition of that type, or None."""
    conditions = status_of(body).get("conditions")
    for each in conditions if isinstance(conditions, list) else []:
        if isinstance(each, Mapping) and each.get("type") == kind:
            return each
    return None


def is_true(body: Mapping[str, JSON], kind: str) -> bool:
    """Whether the condition of that type is there and `True`."""
    found = condition(body, kind)
    return found is not None and found.get("status") == "True"


def is_observed(body: Mapping[str, JSON]) -> bool:
    """Whether the controller has seen the last change of the spec."""
    generation = body["metadata"].get("generation")
    return generation is None or status_of(body).get("observedGeneration", 0) >= generation
