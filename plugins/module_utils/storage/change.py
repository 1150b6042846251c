"""How a change to a storage server is predicted and made: the same for buckets, policies and users."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import changed_paths
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import (
    Action,
    Outcome,
    Result,
    SetFailed,
    summary,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.states import findings_between
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage, Target

JSON = Any

_ONE = {"buckets": "bucket", "policies": "policy", "users": "user"}


class Wanted(Protocol):
    """One bucket, policy or user as it shall be. States are masked JSON; None is a thing that is not there."""

    @property
    def name(self) -> str: ...

    def read(self, storage: Storage) -> JSON | None:
        """What is there now, as far as this wish says anything about it."""

    def predict(self, before: JSON | None) -> JSON | None:
        """What will be there. Pure."""

    def write(self, storage: Storage, before: JSON | None) -> None:
        """Makes it so; called only where `predict` differs from `before`."""


def plan_change(
    kind: str,
    wishes: Sequence[Wanted],
    target: Target,
    cluster: Cluster,
    *,
    check: bool,
    drift: bool = False,
    only: Sequence[str] | None = None,
) -> Plan:
    """Reads all and writes nothing. `kind` ("buckets") is what they are called in messages.

    In check mode a server that is not deployed yet counts as empty, with a warning; else it is an error. drift: each
    row has its findings, and a server that is not there is an error. only: the rows that may be written, None for all.
    """
    if only is not None:
        wishes = [wish for wish in wishes if _reference(kind, wish.name) in only]
    _refuse_twice_the_same(kind, wishes)
    missing = target.why_not_there_yet(cluster) if check and not drift else ""
    before: dict[str, JSON | None] = dict.fromkeys([wish.name for wish in wishes])
    if not missing and wishes:
        with target.connect(cluster) as storage:
            before = {wish.name: wish.read(storage) for wish in wishes}
    after = {wish.name: wish.predict(before[wish.name]) for wish in wishes}
    warnings = [f"{missing}: all {kind} are predicted as they are on an empty server."] if missing else []

    def carry_out() -> Outcome:
        with target.connect(cluster) as storage:
            return _outcome(kind, _written(kind, wishes, storage, before, after), [])

    predicted = [_row(kind, wish.name, before[wish.name], after[wish.name]) for wish in wishes]
    for wish, row in zip(wishes, predicted, strict=True):
        row.findings = findings_between(before[wish.name], after[wish.name]) if drift else None
    return Plan.of_things(before, after, _outcome(kind, predicted, warnings), carry_out)


def _written(
    kind: str,
    wishes: Sequence[Wanted],
    storage: Storage,
    before: Mapping[str, JSON | None],
    after: Mapping[str, JSON | None],
) -> list[Result]:
    """Writes each that differs; one that fails does not stop the others. Raises SetFailed with every row."""
    rows = [_row(kind, wish.name, before[wish.name], after[wish.name]) for wish in wishes]
    failures = []
    for wish, row in zip(wishes, rows, strict=True):
        if not row.action.writes:
            continue
        started = time.monotonic()
        try:
            wish.write(storage, before[wish.name])
        except TrackingError as error:
            row.action, row.changes, row.error = Action.FAILED, [], error.sentence()
            failures.append(error)
        row.seconds, row.tries = time.monotonic() - started, 1
    if failures:
        raise _failed(kind, rows, failures)
    return rows


def _failed(kind: str, rows: Sequence[Result], failures: Sequence[TrackingError]) -> TrackingError:
    stories = " ".join(failure.sentence() for failure in failures)
    together = SetFailed(f"{len(failures)} of {len(rows)} {kind} could not be kept", rows, why=stories)
    if len(rows) > 1:
        return together
    failures[0].result = together.result
    return failures[0]


def _row(kind: str, name: str, before: JSON | None, after: JSON | None) -> Result:
    action = Action.between(before, after)
    changes = changed_paths(before, after) if before and after else []
    return Result(_reference(kind, name), action, changes)


def _reference(kind: str, name: str) -> str:
    return f"{_ONE[kind].capitalize()} {name}"


def _outcome(kind: str, rows: Sequence[Result], warnings: Sequence[str]) -> Outcome:
    return Outcome(rows, summary(rows, _ONE[kind], kind), {"warnings": list(warnings)} if warnings else {})


def _refuse_twice_the_same(kind: str, wishes: Sequence[Wanted]) -> None:
    names = [wish.name for wish in wishes]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(kind, f"it names {name} more than once", "Leave one of them", name=name)
