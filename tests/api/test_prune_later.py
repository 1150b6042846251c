"""A set that is applied first and waited for later is pruned later too: only once it is known to be ready."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from controllers import roll_out
from engine import Engine
from objects_to_apply import config_map, deployment

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import PlannedSet
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed

JSON = Any
LATER = "no longer described; left to a later call (prune: false)"


def actions(planned: PlannedSet) -> dict[str, str]:
    rows = planned.carry_out().rows if planned.is_change else planned.rows
    return {str(row.reference).split("/")[-1]: row.action.value for row in rows}


def predicted(planned: PlannedSet) -> dict[str, str]:
    return {str(row.reference).split("/")[-1]: row.action.value for row in planned.rows}


class Stack:
    """A set with an old ConfigMap that is taken out of it, and what the two calls of a role do."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.inventory = f"{engine.namespace}/inventory"
        self.old = config_map(engine.namespace, "old")
        self.wanted = [config_map(engine.namespace, "a"), deployment(engine.namespace)]
        engine.apply(self.old, *self.wanted, inventory=self.inventory)

    def deploy(self, *more: JSON, check: bool = False) -> PlannedSet:
        return self.engine.plan(*self.wanted, *more, inventory=self.inventory, prune=False, check=check)

    def complete(self, *more: JSON, check: bool = False, seconds: float = 20) -> PlannedSet:
        return self.engine.plan_ready(*self.wanted, *more, inventory=self.inventory, check=check, seconds=seconds)


@pytest.fixture
def stack(engine: Engine) -> Stack:
    return Stack(engine)


def test_the_first_call_leaves_it_recorded_and_says_so(stack: Stack) -> None:
    planned = stack.deploy()
    assert not planned.is_change
    (kept,) = [row for row in planned.rows if row.action.value == "kept"]
    assert kept.reason == LATER
    assert stack.engine.live(stack.old)


def test_the_later_call_deletes_it_once_the_rest_is_ready(stack: Stack, pool: ThreadPoolExecutor) -> None:
    new = config_map(stack.engine.namespace, "new")
    assert actions(stack.deploy(new))["new"] == "created"
    ending = pool.submit(lambda: actions(stack.complete(new)))
    with pytest.raises(TimeoutError):
        ending.result(1)
    assert stack.engine.live(stack.old)
    roll_out(stack.engine, stack.wanted[1])
    told = {"a": "unchanged", "web": "unchanged", "new": "unchanged", "old": "deleted", "inventory": "changed"}
    assert ending.result() == told
    assert stack.engine.live(stack.old) is None
    mark = stack.engine.audit_mark()
    assert set(actions(stack.deploy(new)).values()) == set(actions(stack.complete(new)).values()) == {"unchanged"}
    assert stack.engine.server.writes_since(mark) == []


def test_nothing_is_deleted_where_the_rest_does_not_get_ready(stack: Stack) -> None:
    with pytest.raises(SetFailed, match="not ready within 1 s"):
        stack.complete(seconds=1).carry_out()
    assert stack.engine.live(stack.old)
    roll_out(stack.engine, stack.wanted[1])
    assert actions(stack.complete())["old"] == "deleted"


def test_check_mode_of_both_calls_says_what_both_do(stack: Stack) -> None:
    new = config_map(stack.engine.namespace, "new")
    mark = stack.engine.audit_mark()
    first, second = predicted(stack.deploy(new, check=True)), predicted(stack.complete(new, check=True))
    assert stack.engine.server.writes_since(mark) == []
    assert actions(stack.deploy(new)) == first
    roll_out(stack.engine, stack.wanted[1])
    assert actions(stack.complete(new)) == second
    assert (first["new"], first["old"], second["new"], second["old"]) == ("created", "kept", "unchanged", "deleted")


def test_check_mode_on_an_empty_cluster_misses_nothing(engine: Engine) -> None:
    inventory = f"{engine.namespace}/inventory"
    planned = engine.plan_ready(config_map(engine.namespace), check=True, inventory=inventory)
    assert not planned.is_change
    assert next(row.reason for row in planned.rows) == "an earlier call is to make it"


def test_what_was_never_applied_is_named(engine: Engine) -> None:
    with pytest.raises(TrackingError, match=f"ConfigMap {engine.namespace}/settings is not there.*Apply the set first"):
        engine.plan_ready(config_map(engine.namespace))


def test_a_set_without_an_inventory_is_only_waited_for(engine: Engine, made: JSON) -> None:
    roll_out(engine, made)
    planned = engine.plan_ready(deployment(engine.namespace))
    assert not planned.is_change
    assert [row.readiness for row in planned.rows] == ["1 of 1 replicas available"]
