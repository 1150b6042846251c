"""Looking up an object's status: its conditions, and whether its controller has seen the last change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = Any


def status_of(body: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The status; empty when there is none yet."""
    status: Mapping[str, JSON] = body.get("status") or {}
    return status


def condition(body: Mapping[str, JSON], kind: str) -> Mapping[str, JSON] | None:
    """The condition of that type, or None."""
    conditions: list[Mapping[str, JSON]] = status_of(body).get("conditions") or []
    return next((each for each in conditions if each["type"] == kind), None)


def is_true(body: Mapping[str, JSON], kind: str) -> bool:
    """Whether the condition of that type is there and `True`."""
    found = condition(body, kind)
    return found is not None and found["status"] == "True"


def is_observed(body: Mapping[str, JSON]) -> bool:
    """Whether the controller has seen the last change of the spec."""
    generation = body["metadata"].get("generation")
    return generation is None or status_of(body).get("observedGeneration", 0) >= generation
