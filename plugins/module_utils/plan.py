"""What a module is about to do: predicted before it is written, and the same in check mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Outcome

JSON = Any


def _nothing_to_write() -> Outcome:
    return Outcome()


@dataclass(frozen=True)
class Plan:
    """What is, what would be, and how to get there. `before` and `after` are masked: they are shown.

    outcome: what is returned where nothing is written, with a row for each thing; `carry_out` gives the other one.
    differences: before and after as texts with headers, in the form of Ansible's `diff`, where there are better ones.
    """

    before: JSON
    after: JSON
    outcome: Outcome
    carry_out: Callable[[], Outcome] = _nothing_to_write
    changed: bool | None = None  # None: changed is whether before and after differ
    differences: Sequence[Mapping[str, str]] | None = None

    @property
    def is_change(self) -> bool:
        return self.before != self.after if self.changed is None else self.changed

    @property
    def difference(self) -> JSON:
        """What Ansible shows under --diff."""
        if self.differences is not None:
            return list(self.differences)
        return {"before": self.before, "after": self.after}

    @classmethod
    def of_things(
        cls,
        before: Mapping[str, JSON | None],
        after: Mapping[str, JSON | None],
        outcome: Outcome,
        carry_out: Callable[[], Outcome],
    ) -> Plan:
        """For things by their names, where None is one that is not there and is not shown."""
        return cls(_present(before), _present(after), outcome, carry_out)


def _present(states: Mapping[str, JSON | None]) -> dict[str, JSON]:
    return {name: state for name, state in states.items() if state is not None}
