"""Deletion takes what was described, in reverse, and leaves data."""

from __future__ import annotations

import pytest
from engine import Engine
from objects_to_apply import claim, config_map, deployment, everything, namespace

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed


def actions(engine: Engine, *objects: object, **options: object) -> dict[str, str]:
    planned = engine.plan_absent(*objects, **options)
    rows = [row.as_json() for row in (planned.carry_out() if planned.is_change else planned.outcome).rows]
    return {row["ref"].split()[0]: row["action"] for row in rows}


def test_deletes_everything_but_data(engine: Engine) -> None:
    objects = [namespace(engine.namespace), *everything(engine.namespace)]
    engine.apply(*objects)
    done = actions(engine, *objects)
    assert {kind for kind, action in done.items() if action == "kept"} == {"Namespace", "PersistentVolumeClaim"}
    assert engine.live(claim(engine.namespace))
    assert engine.live(deployment(engine.namespace)) is None


def test_a_second_deletion_has_nothing_to_do(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace))
    actions(engine, config_map(engine.namespace))
    assert actions(engine, config_map(engine.namespace)) == {"ConfigMap": "absent"}


def test_a_namespace_that_holds_claims_stays_unless_both_are_named(engine: Engine) -> None:
    engine.apply(claim(engine.namespace))
    only_namespace = engine.plan_absent(namespace(engine.namespace), also_delete=frozenset({"Namespace"}))
    assert [row.action.value for row in only_namespace.rows] == ["kept"]
    both = frozenset({"Namespace", "PersistentVolumeClaim"})
    planned = engine.plan_absent(namespace(engine.namespace), also_delete=both)
    assert [row.action.value for row in planned.rows] == ["deleted"]


def test_deletes_the_object_it_saw_and_no_later_one_of_the_same_name(engine: Engine) -> None:
    wanted = config_map(engine.namespace)
    engine.apply(wanted)
    planned = engine.plan_absent(wanted)
    engine.plan_absent(wanted).carry_out()
    engine.create(wanted)
    with pytest.raises(SetFailed, match="409 Conflict"):
        planned.carry_out()
    assert engine.live(wanted)
