"""One thing that is not as described: where, what was expected, what was found, and whose hand it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.cut import (
    from_where_they_differ,
    shortened,
)

JSON = Any

# What is shown of a password: its value is only tried, never compared.
AS_IN_SECRET, NOT_AS_IN_SECRET = "as in the Secret", "another than in the Secret"
_LONGEST = 400  # characters of a value that are shown; a ConfigMap's key may hold a whole file


class State(Enum):
    """How a thing, or a field of it, differs from its description."""

    CHANGED = "changed"
    MISSING = "missing"
    EXTRA = "extra"


@dataclass(frozen=True)
class Finding:
    """path: of the field, for people; pointer: the same by RFC 6901; both empty for the thing as a whole.

    expected, found: masked. manager, time: who holds what was found and since when (RFC 3339), as far as is known: a
    removal leaves no name.
    """

    state: State
    path: str = ""
    pointer: str = ""
    expected: JSON = None
    found: JSON = None
    manager: str = ""
    time: str = ""

    def as_json(self) -> dict[str, JSON]:
        """As a row of a module's return value has it."""
        expected, found = from_where_they_differ(self.expected, self.found, _LONGEST)
        return {
            "state": self.state.value,
            "path": self.path,
            "pointer": self.pointer,
            "expected": shortened(expected, _LONGEST),
            "found": shortened(found, _LONGEST),
            "manager": self.manager,
            "time": self.time,
        }


def pointer(steps: Sequence[str | int]) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
