"""What became of each object of a set, in the words of the modules' return value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference


class Action(Enum):
    """What is or would be done to an object."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    ABSENT = "absent"  # to be deleted, and not there
    KEPT = "kept"  # holds data, so it is not deleted unless named
    FAILED = "failed"
    NOT_TRIED = "not tried"  # an earlier stage failed

    @property
    def writes(self) -> bool:
        """Whether this action is a change."""
        return self in (Action.CREATED, Action.CHANGED, Action.DELETED)


@dataclass
class Result:
    """One object's row of the return value."""

    reference: Reference
    action: Action
    changes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    tries: int = 0
    readiness: str = ""
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """The row as a module returns it."""
        return {
            "ref": str(self.reference),
            "action": self.action.value,
            "changes": self.changes,
            "duration": round(self.seconds, 3),
            "tries": self.tries,
            "readiness": self.readiness,
            **({"error": self.error} if self.error else {}),
        }


def summary(results: Iterable[Result]) -> str:
    """`12 objects: 3 created, 9 unchanged`."""
    counts = Counter(result.action for result in results)
    parts = ", ".join(f"{counts[action]} {action.value}" for action in Action if counts[action])
    total = counts.total()
    return f"{total} object{'' if total == 1 else 's'}" + (f": {parts}" if parts else "")


class SetFailed(TrackingError):
    """Some objects of a set could not be made so; every object's result is in it."""

    def __init__(self, what: str, results: Iterable[Result], *, why: str, mend: str = "") -> None:
        rows = list(results)
        super().__init__(what, why=why, mend=mend)
        was_written = any(row.action.writes for row in rows)
        self.result = {"changed": was_written, "objects": [row.as_json() for row in rows], "summary": summary(rows)}
