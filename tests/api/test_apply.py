"""A set of objects is made so by one call, and a second call has nothing to do."""

from __future__ import annotations

import pytest
from engine import Engine
from objects_to_apply import config_map, deployment, everything, namespace, service, widget, widget_definition

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed


def actions(rows: list[dict[str, object]]) -> set[object]:
    return {row["action"] for row in rows}


def test_creates_every_object_of_a_set(engine: Engine) -> None:
    objects = everything(engine.namespace)
    assert actions(engine.apply(*objects)) == {"created"}
    assert all(engine.live(each) for each in objects)


def test_writes_nothing_when_nothing_changed(engine: Engine) -> None:
    engine.apply(*everything(engine.namespace))
    mark = engine.audit_mark()
    assert actions(engine.apply(*everything(engine.namespace))) == {"unchanged"}
    assert engine.server.writes_since(mark) == []


def test_an_object_of_nothing_but_a_name_is_unchanged_too(engine: Engine) -> None:
    bare = namespace(f"{engine.namespace}-bare")
    engine.apply(bare)
    before = engine.live(bare)
    assert actions(engine.apply(bare)) == {"unchanged"}
    assert engine.live(bare) == before


def test_needs_no_dry_run_for_what_is_written_as_the_server_writes_it(engine: Engine) -> None:
    objects = [config_map(engine.namespace), service(engine.namespace)]
    engine.apply(*objects)
    mark = engine.audit_mark()
    engine.apply(*objects)
    assert {event["verb"] for event in engine.server.audit()[mark:]} == {"get"}


def test_lists_many_objects_of_a_kind_instead_of_getting_each(engine: Engine) -> None:
    objects = [config_map(engine.namespace, f"settings-{number}") for number in range(40)]
    engine.apply(*objects)
    mark = engine.audit_mark()
    engine.apply(*objects)
    assert [event["verb"] for event in engine.server.audit()[mark:]] == ["list"]


def test_changes_only_what_differs_and_names_the_path(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace), deployment(engine.namespace))
    rows = engine.apply(config_map(engine.namespace), deployment(engine.namespace, image="example/web:2"))
    assert [(row["action"], row["changes"]) for row in rows] == [
        ("unchanged", []),
        ("changed", ["spec.template.spec.containers[web].image"]),
    ]


def test_removes_a_field_that_is_no_longer_described(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace, kept="1", dropped="2"))
    rows = engine.apply(config_map(engine.namespace, kept="1"))
    assert rows[0]["changes"] == ["data.dropped"]
    assert engine.live(config_map(engine.namespace))["data"] == {"kept": "1"}


def test_leaves_alone_what_others_added(engine: Engine) -> None:
    wanted = config_map(engine.namespace, ours="1")
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"theirs": "2"}})
    assert actions(engine.apply(wanted)) == {"unchanged"}
    assert engine.live(wanted)["data"] == {"ours": "1", "theirs": "2"}


def test_puts_back_what_somebody_deleted(engine: Engine) -> None:
    wanted = config_map(engine.namespace, one="1", two="2")
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"two": None}})
    assert engine.apply(wanted)[0]["changes"] == ["data.two"]


def test_names_the_conflicting_manager_and_writes_nothing(engine: Engine) -> None:
    wanted = deployment(engine.namespace, replicas=2)
    engine.apply(wanted)
    engine.edit(wanted, {"spec": {"replicas": 5}}, manager="autoscaler")
    other = config_map(engine.namespace)
    mark = engine.audit_mark()
    with pytest.raises(SetFailed, match=r"spec\.replicas belongs to autoscaler since .*force_conflicts"):
        engine.apply(wanted, other)
    assert engine.server.writes_since(mark) == []
    assert engine.live(other) is None


def test_takes_over_fields_when_told_to(engine: Engine) -> None:
    wanted = deployment(engine.namespace, replicas=2)
    engine.apply(wanted)
    engine.edit(wanted, {"spec": {"replicas": 5}}, manager="autoscaler")
    assert engine.apply(wanted, force=("spec.replicas",))[0]["changes"] == ["spec.replicas"]
    assert engine.live(wanted)["spec"]["replicas"] == 2


def test_takes_back_what_it_scaled_itself(engine: Engine) -> None:
    wanted = deployment(engine.namespace, replicas=2)
    engine.apply(wanted)
    engine.edit(wanted, {"spec": {"replicas": 0}}, manager="mlops.tracking")
    assert engine.apply(wanted)[0]["changes"] == ["spec.replicas"]


def test_creates_in_a_namespace_of_the_same_set(engine: Engine) -> None:
    name = f"{engine.namespace}-new"
    assert actions(engine.apply(config_map(name), namespace(name))) == {"created"}
    assert engine.live(config_map(name))["data"] == {"key": "value"}


def test_creates_objects_of_a_kind_of_the_same_set(engine: Engine) -> None:
    group = f"{engine.namespace}.example.com"
    objects = [widget(group, engine.namespace), widget_definition(group)]
    assert actions(engine.apply(*objects)) == {"created"}
    assert actions(engine.apply(*objects)) == {"unchanged"}


def test_an_unknown_kind_is_named(engine: Engine) -> None:
    with pytest.raises(SetFailed, match=r"knows no kind Gadget in example\.com/v1"):
        engine.apply({**widget("example.com", engine.namespace), "kind": "Gadget"})


def test_what_the_server_refuses_leaves_every_other_result_in_the_failure(engine: Engine) -> None:
    broken = service(engine.namespace, "broken")
    broken["spec"]["ports"][0]["port"] = 99999
    with pytest.raises(SetFailed, match=r"Service .*/broken: 422 Invalid.*spec\.ports\[0\]\.port") as failure:
        engine.apply(broken, config_map(engine.namespace), deployment(engine.namespace))
    assert {row["ref"].split("/")[-1]: row["action"] for row in failure.value.result["objects"]} == {
        "broken": "failed",
        "settings": "created",
        "web": "not tried",
    }
    assert failure.value.result["changed"] is True
