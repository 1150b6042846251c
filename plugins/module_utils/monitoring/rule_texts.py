"""Whether a loaded rule is the described one, whatever way each is spelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

JSON = Any

_DURATION = re.compile(r"([0-9]+)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


def seconds(duration: str) -> float:
    """`1h30m` in seconds."""
    return sum(int(number) * _SECONDS[unit] for number, unit in _DURATION.findall(str(duration)))


def state_of_described(rule: Mapping[str, JSON]) -> dict[str, JSON]:
    """A rule of a rules file as a state that can be compared."""
    return {
        "expr": str(rule["expr"]),
        "for": str(rule.get("for", "0s")),
        "labels": dict(rule.get("labels") or {}),
        "annotations": dict(rule.get("annotations") or {}),
    }


def state_of_loaded(
    said: Mapping[str, JSON], described: Mapping[str, JSON], formatted: Callable[[str], str]
) -> dict[str, JSON]:
    """The same of what the server says of one; what means the same is spelled as it is described.

    formatted: how the server itself spells an expression.
    """
    query, duration = str(said["query"]), float(said.get("duration", 0))
    same_query = _bare(query) == _bare(described["expr"]) or formatted(query) == formatted(described["expr"])
    same_time = duration == seconds(described["for"])
    return {
        "expr": described["expr"] if same_query else query,
        "for": described["for"] if same_time else f"{duration:g}s",
        "labels": dict(said.get("labels") or {}),
        "annotations": dict(said.get("annotations") or {}),
    }


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)
