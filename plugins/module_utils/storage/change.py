"""How a change to a storage server is predicted and made: the same for buckets, policies and users."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
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


@dataclass(frozen=True)
class Change:
    """What is, what would be, and the writing between them."""

    before: Mapping[str, JSON]
    after: Mapping[str, JSON]
    carry_out: Callable[[], Mapping[str, Any]]
    result: Mapping[str, Any] = field(default_factory=dict)


def plan_change(kind: str, wishes: Sequence[Wanted], target: Target, cluster: Cluster, *, check: bool) -> Change:
    """Reads all and writes nothing. `kind` ("buckets") names the return value that lists the actions.

    In check mode a server that is not deployed yet counts as empty, with a warning; else it is an error.
    """
    _refuse_twice_the_same(kind, wishes)
    missing = target.why_not_there_yet(cluster) if check else ""
    before: dict[str, JSON | None] = dict.fromkeys([wish.name for wish in wishes])
    if not missing and wishes:
        with target.connect(cluster) as storage:
            before = {wish.name: wish.read(storage) for wish in wishes}
    after = {wish.name: wish.predict(before[wish.name]) for wish in wishes}

    def carry_out() -> Mapping[str, Any]:
        with target.connect(cluster) as storage:
            for wish in wishes:
                if before[wish.name] != after[wish.name]:
                    wish.write(storage, before[wish.name])
        return {}

    actions = [{"name": name, "action": action(before[name], after[name])} for name in before]
    result: dict[str, Any] = {kind: actions, "summary": summary(kind, [each["action"] for each in actions])}
    if missing:
        result["warnings"] = [f"{missing}: all {kind} are predicted as they are on an empty server."]
    return Change(_present(before), _present(after), carry_out, result)


def action(before: JSON | None, after: JSON | None) -> str:
    """What happens, in one word."""
    if before == after:
        return "unchanged"
    if before is None:
        return "created"
    return "deleted" if after is None else "changed"


def summary(kind: str, actions: Sequence[str]) -> str:
    """Such as `2 users: 1 created, 1 unchanged`."""
    counted = [f"{actions.count(each)} {each}" for each in dict.fromkeys(actions)]
    return f"{len(actions)} {_ONE[kind] if len(actions) == 1 else kind}: {', '.join(counted)}"


def _present(states: Mapping[str, JSON | None]) -> dict[str, JSON]:
    return {name: state for name, state in states.items() if state is not None}


def _refuse_twice_the_same(kind: str, wishes: Sequence[Wanted]) -> None:
    names = [wish.name for wish in wishes]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(kind, f"it names {name} more than once", "Leave one of them", name=name)
