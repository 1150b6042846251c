"""What became of each thing a module keeps, in the words of every module's return value.

A thing is a Kubernetes object, or what lies beyond: a bucket, a policy, a user, a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import Finding
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any


class Action(Enum):
    """What is or would be done to a thing."""

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

    @classmethod
    def between(cls, before: JSON | None, after: JSON | None) -> Action:
        """What leads from one state to the other; None is a thing that is not there."""
        if before == after:
            return cls.ABSENT if before is None else cls.UNCHANGED
        if before is None:
            return cls.CREATED
        return cls.DELETED if after is None else cls.CHANGED


@dataclass
class Result:
    """One thing's row of the return value `objects`. reference: of an object, or `Bucket training-results`.

    findings: what differs from the description, where somebody asked; None where nobody looked so closely.
    """

    reference: Reference | str
    action: Action
    changes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    tries: int = 0
    readiness: str = ""
    reason: str = ""  # why it is kept, or made anew
    error: str = ""
    unstable: list[str] = field(default_factory=list)
    findings: Sequence[Finding] | None = None

    @classmethod
    def of_failure(
        cls, reference: Reference | str, error: TrackingError, story: str, *, seconds: float = 0.0
    ) -> Result:
        """The row of a thing that failed. story: why, without secrets."""
        row = cls(reference, Action.FAILED, seconds=seconds)
        row.note_failure(error, story)
        return row

    def note_failure(self, error: TrackingError, story: str) -> None:
        """Takes a failure in: one before the first try is none of its own."""
        self.tries, self.error = getattr(error, "tries", 1), story
        self.action = Action.FAILED if self.tries else Action.NOT_TRIED

    def as_json(self) -> dict[str, Any]:
        """The row as a module returns it."""
        return {
            "ref": str(self.reference),
            "action": self.action.value,
            "changes": self.changes,
            "duration": round(self.seconds, 3),
            "tries": self.tries,
            "readiness": self.readiness,
            **({"reason": self.reason} if self.reason else {}),
            **({"error": self.error} if self.error else {}),
            **({"unstable": self.unstable} if self.unstable else {}),
            **({} if self.findings is None else {"findings": [each.as_json() for each in self.findings]}),
        }


@dataclass(frozen=True)
class Outcome:
    """What a module gives back: a row for each thing, the line that sums them up, and values of its own."""

    rows: Sequence[Result] = ()
    summary: str = ""
    values: Mapping[str, JSON] = field(default_factory=dict)

    def as_json(self) -> dict[str, JSON]:
        """The return values."""
        return {"objects": [row.as_json() for row in self.rows], "summary": self.summary, **self.values}


def summary(results: Iterable[Result], one: str = "object", many: str = "objects") -> str:
    """`12 objects: 3 created, 9 unchanged`."""
    rows = list(results)
    counts = Counter(result.action for result in rows)
    parts = [f"{counts[action]} {action.value}" for action in Action if counts[action]]
    unstable = sum(bool(result.unstable) for result in rows)
    parts += [f"{unstable} unstable"] if unstable else []
    return f"{len(rows)} {one if len(rows) == 1 else many}" + (f": {', '.join(parts)}" if parts else "")


class SetFailed(TrackingError):
    """Some objects of a set could not be made so; every object's result is in it."""

    def __init__(self, what: str, results: Iterable[Result], *, why: str, mend: str = "") -> None:
        rows = list(results)
        super().__init__(what, why=why, mend=mend)
        was_written = any(row.action.writes for row in rows)
        self.result = {"changed": was_written, "objects": [row.as_json() for row in rows], "summary": summary(rows)}
