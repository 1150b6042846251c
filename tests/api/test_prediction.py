"""Check mode says exactly what the next run does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map, deployment, everything, namespace, secret, service, widget, widget_definition

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed

JSON = Any


def outcome(rows: Any) -> list[tuple[str, str, list[str]]]:
    return [(row["ref"], row["action"], row["changes"]) for row in rows]


def nothing_there(engine: Engine) -> list[JSON]:
    return everything(engine.namespace)


def all_there(engine: Engine) -> list[JSON]:
    engine.apply(*everything(engine.namespace))
    return everything(engine.namespace)


def some_changed(engine: Engine) -> list[JSON]:
    engine.apply(*everything(engine.namespace))
    return [
        *everything(engine.namespace)[:-1],
        deployment(engine.namespace, replicas=3),
        config_map(engine.namespace, "b"),
    ]


def namespace_to_be_made(engine: Engine) -> list[JSON]:
    name = f"{engine.namespace}-later"
    return [namespace(name), *everything(name)]


def kind_to_be_made(engine: Engine) -> list[JSON]:
    group = f"{engine.namespace}.example.org"
    return [widget_definition(group), widget(group, engine.namespace)]


def secret_to_be_copied(engine: Engine) -> list[JSON]:
    name = engine.namespace
    source = secret(name, "source", {"tracking.mlops/generate": "password=20"})
    return [source, secret(name, "copy", {"tracking.mlops/copy": f"{name}/source"})]


SITUATIONS = [nothing_there, all_there, some_changed, namespace_to_be_made, kind_to_be_made, secret_to_be_copied]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_predicts_in_check_mode_exactly_what_the_next_run_does(
    engine: Engine, situation: Callable[[Engine], list[JSON]]
) -> None:
    objects = situation(engine)
    mark = engine.audit_mark()
    predicted = engine.plan(*objects, check=True)
    assert engine.server.writes_since(mark) == []
    rows = engine.apply(*objects)
    assert outcome(row.as_json() for row in predicted.rows) == outcome(rows)
    assert not engine.plan(*objects).is_change


def test_after_a_change_the_live_object_is_the_predicted_one(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace))
    changed = deployment(engine.namespace, image="example/web:2", replicas=4)
    predicted = engine.plan(changed, check=True).differences[0]["after"]
    engine.apply(changed)
    following = engine.plan(deployment(engine.namespace), check=True).differences[0]["before"]
    assert following == predicted


def test_finds_in_check_mode_what_the_server_would_refuse(engine: Engine) -> None:
    broken = service(engine.namespace)
    broken["spec"]["ports"][0]["port"] = 0
    with pytest.raises(SetFailed, match="nothing was written"):
        engine.plan(broken, check=True)


def test_a_copy_of_a_secret_that_does_not_exist_yet_is_predicted(engine: Engine) -> None:
    copy = secret(engine.namespace, "copy", {"tracking.mlops/copy": "nowhere/nothing"})
    planned = engine.plan(copy, check=True)
    assert [row.action.value for row in planned.rows] == ["created"]
    assert "(copied from Secret nowhere/nothing)" in planned.differences[0]["after"]


def test_shows_the_difference_as_text_for_people(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace, colour="red"))
    shown = engine.plan(config_map(engine.namespace, colour="blue")).differences[0]
    assert shown["before"].replace("red", "blue") == shown["after"]
    assert "managedFields" not in shown["before"]
    assert "resourceVersion" not in shown["before"]


def test_predicts_a_deletion_exactly(engine: Engine) -> None:
    objects = everything(engine.namespace)
    engine.apply(*objects)
    planned = engine.plan_absent(*objects, config_map(engine.namespace, "never-made"))
    predicted = outcome(row.as_json() for row in planned.rows)
    assert {action for _ref, action, _changes in predicted} == {"deleted", "kept", "absent"}
    assert predicted == outcome(row.as_json() for row in planned.carry_out().rows)
