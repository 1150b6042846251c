"""What a set no longer describes goes once all else is well: the very object that was recorded, and no other."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from engine import Engine
from objects_to_apply import (
    claim,
    config_map,
    deployment,
    everything,
    namespace,
    secret,
    service,
    widget,
    widget_definition,
)

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed

JSON = Any


def apply(engine: Engine, *objects: JSON, name: str = "inventory", **options: Any) -> dict[str, str]:
    rows = engine.apply(*objects, inventory=f"{engine.namespace}/{name}", **options)
    return {row["ref"].split("/")[-1]: row["action"] for row in rows}


def remove(engine: Engine, *objects: JSON, **options: Any) -> dict[str, str]:
    planned = engine.plan_absent(*objects, inventory=f"{engine.namespace}/inventory", **options)
    rows = planned.carry_out().rows if planned.is_change else planned.rows
    return {str(row.reference).split("/")[-1]: row.action.value for row in rows}


def reasons(engine: Engine, *objects: JSON, **options: Any) -> list[str]:
    planned = engine.plan(*objects, inventory=f"{engine.namespace}/inventory", **options)
    return [row.reason for row in planned.rows if row.action.value == "kept"]


def held(engine: Engine, name: str = "inventory") -> list[str]:
    metadata = {"name": name, "namespace": engine.namespace}
    live = engine.live({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    return [line.split()[2].split("/")[-1] for line in live["data"]["objects"].splitlines()] if live else []


def test_deletes_what_is_no_longer_described(engine: Engine) -> None:
    kept, gone = config_map(engine.namespace, "a"), deployment(engine.namespace)
    apply(engine, kept, gone)
    assert apply(engine, kept, seconds=10) == {"a": "unchanged", "web": "deleted", "inventory": "changed"}
    assert engine.live(gone) is None
    assert held(engine) == ["a"]
    assert apply(engine, kept) == {"a": "unchanged", "inventory": "unchanged"}


def test_check_mode_says_what_goes_and_shows_it(engine: Engine) -> None:
    apply(engine, config_map(engine.namespace, "a"), config_map(engine.namespace, "b"))
    mark = engine.audit_mark()
    planned = engine.plan(
        config_map(engine.namespace, "a"), inventory=f"{engine.namespace}/inventory", check=True, seconds=10
    )
    predicted = {str(row.reference).split("/")[-1]: row.action.value for row in planned.rows}
    assert engine.server.writes_since(mark) == []
    shown = next(each for each in planned.differences if each["after"] == "")
    assert shown["after_header"] == f"ConfigMap {engine.namespace}/b (deleted)"
    assert "key: value" in shown["before"]
    assert predicted == apply(engine, config_map(engine.namespace, "a"), seconds=10)


def test_deletes_in_reverse_order_and_after_the_rest_is_applied(engine: Engine) -> None:
    objects = everything(engine.namespace)
    apply(engine, *objects)
    mark = engine.audit_mark()
    apply(engine, config_map(engine.namespace, "new"), seconds=10)
    writes = [write.split("?")[0].split("/") for write in engine.server.writes_since(mark)]
    verbs = [parts[0].strip() for parts in writes]
    assert verbs == ["patch", "patch", *["delete"] * (len(objects) - 1), "patch"]
    assert writes[2][-2] == "deployments"


def test_keeps_what_holds_data_and_says_so_without_being_a_change(engine: Engine) -> None:
    apply(engine, claim(engine.namespace), config_map(engine.namespace, "a"))
    wanted = config_map(engine.namespace, "a")
    assert apply(engine, wanted) == {"a": "unchanged", "data": "kept", "inventory": "unchanged"}
    assert not engine.plan(wanted, inventory=f"{engine.namespace}/inventory").is_change
    assert reasons(engine, wanted) == ["data goes with it; also_delete does not name PersistentVolumeClaim"]
    assert sorted(held(engine)) == ["a", "data"]
    named = frozenset({"PersistentVolumeClaim"})
    assert apply(engine, wanted, also_delete=named)["data"] == "deleted"


def test_keeps_what_says_that_it_is_to_be_kept(engine: Engine) -> None:
    annotations = {"tracking.mlops/keep": "the data was made with it"}
    apply(engine, secret(engine.namespace, "password", annotations, value="canary"), config_map(engine.namespace, "a"))
    assert apply(engine, config_map(engine.namespace, "a"))["password"] == "kept"
    assert reasons(engine, config_map(engine.namespace, "a")) == ["the data was made with it"]


def test_leaves_alone_what_moved_to_another_set(engine: Engine) -> None:
    stays, moves = config_map(engine.namespace, "a"), config_map(engine.namespace, "b")
    apply(engine, stays, moves)
    apply(engine, moves, name="other")
    assert reasons(engine, stays) == [f"it belongs to inventory {engine.namespace}/other now"]
    assert apply(engine, stays) == {"a": "unchanged", "b": "kept", "inventory": "changed"}
    assert engine.live(moves)
    assert held(engine) == ["a"]
    assert apply(engine, moves, name="other") == {"b": "unchanged", "other": "unchanged"}


def test_leaves_alone_what_somebody_made_anew(engine: Engine) -> None:
    stays, gone = config_map(engine.namespace, "a"), config_map(engine.namespace, "b")
    apply(engine, stays, gone)
    again = copy.deepcopy(gone)
    again["metadata"]["annotations"] = engine.live(gone)["metadata"]["annotations"]
    engine.delete(gone)
    engine.create(again)
    assert reasons(engine, stays) == ["somebody made it anew"]
    assert apply(engine, stays)["b"] == "kept"
    assert engine.live(gone)
    assert held(engine) == ["a"]


def test_leaves_alone_what_no_longer_says_that_it_belongs_here(engine: Engine) -> None:
    stays, freed = config_map(engine.namespace, "a"), config_map(engine.namespace, "b")
    apply(engine, stays, freed)
    engine.edit(freed, {"metadata": {"annotations": {"tracking.mlops/inventory": None}}})
    assert reasons(engine, stays) == ["its annotation tracking.mlops/inventory is gone"]
    assert apply(engine, stays)["b"] == "kept"
    assert engine.live(freed)


def test_of_what_was_intended_only_our_own_is_deleted(engine: Engine) -> None:
    """A run that is killed leaves entries without a uid: some were made, some were not, some were made by others."""
    stays, ours, theirs = (config_map(engine.namespace, name) for name in ("a", "ours", "theirs"))
    apply(engine, stays, ours)
    owner = {"tracking.mlops/inventory": f"{engine.namespace}/inventory"}
    engine.create({**theirs, "metadata": {**theirs["metadata"], "annotations": owner}})
    intended = "".join(f"v1 ConfigMap {engine.namespace}/{name}\n" for name in ("a", "never", "ours", "theirs"))
    engine.edit(config_map(engine.namespace, "inventory"), {"data": {"objects": intended}})
    assert reasons(engine, stays) == ["field manager mlops.tracking did not make it"]
    assert apply(engine, stays) == {"a": "unchanged", "ours": "deleted", "theirs": "kept", "inventory": "changed"}
    assert held(engine) == ["a"]


def test_deletes_nothing_when_something_could_not_be_applied(engine: Engine) -> None:
    gone = config_map(engine.namespace, "gone")
    apply(engine, gone)
    broken = service(engine.namespace, "broken")
    broken["spec"]["ports"][0]["port"] = 99999
    with pytest.raises(SetFailed) as failure:
        apply(engine, config_map(engine.namespace, "new"), broken)
    rows = {row["ref"].split("/")[-1]: row["action"] for row in failure.value.result["objects"]}
    assert rows == {"new": "created", "broken": "failed", "gone": "not tried", "inventory": "changed"}
    assert engine.live(gone)
    assert sorted(held(engine)) == ["broken", "gone", "new"]
    assert apply(engine, config_map(engine.namespace, "new"))["gone"] == "deleted"
    assert held(engine) == ["new"]


def test_knows_what_it_made_anew_in_a_run_that_failed(engine: Engine) -> None:
    again = config_map(engine.namespace, "again")
    apply(engine, again)
    engine.delete(again)
    broken = service(engine.namespace, "broken")
    broken["spec"]["ports"][0]["port"] = 99999
    with pytest.raises(SetFailed, match="broken"):
        apply(engine, again, broken)
    assert apply(engine, config_map(engine.namespace, "other"))["again"] == "deleted"
    assert engine.live(again) is None


def test_deletes_nothing_when_something_does_not_get_ready(engine: Engine) -> None:
    gone = config_map(engine.namespace, "gone")
    apply(engine, gone)
    with pytest.raises(SetFailed, match="did not get ready"):
        apply(engine, deployment(engine.namespace), seconds=0.5)
    assert engine.live(gone)
    assert sorted(held(engine)) == ["gone", "web"]


def test_an_empty_set_is_refused(engine: Engine) -> None:
    wanted = config_map(engine.namespace)
    apply(engine, wanted)
    with pytest.raises(TrackingError, match=r"The set is empty, and inventory .* holds 1 object.*state: absent"):
        apply(engine, "")
    assert engine.live(wanted)


def test_an_empty_set_without_an_inventory_is_nothing_to_do(engine: Engine) -> None:
    assert apply(engine, "") == {"inventory": "absent"}


def test_a_namespace_that_sets_share_stays_with_the_first(engine: Engine) -> None:
    shared = namespace(f"{engine.namespace}-shared")
    name = shared["metadata"]["name"]
    apply(engine, shared)
    assert apply(engine, shared, config_map(engine.namespace, "b"), name="other")[f"Namespace {name}"] == "unchanged"
    assert apply(engine, shared) == {f"Namespace {name}": "unchanged", "inventory": "unchanged"}
    assert held(engine, "other") == ["b"]


def test_an_object_described_in_a_newer_version_is_the_same_object(engine: Engine) -> None:
    group = f"{engine.namespace}.example.org"
    definition, old = two_versions(group), widget(group, engine.namespace)
    apply(engine, definition, {**old, "apiVersion": f"{group}/v1beta1"})
    uid = engine.live(old)["metadata"]["uid"]
    apply(engine, definition, old, seconds=10)
    assert engine.live(old)["metadata"]["uid"] == uid
    assert set(apply(engine, definition, old).values()) == {"unchanged"}


def test_finds_an_object_whose_recorded_version_is_served_no_longer(engine: Engine) -> None:
    group = f"{engine.namespace}.example.org"
    definition, old = two_versions(group), widget(group, engine.namespace)
    apply(engine, definition, {**old, "apiVersion": f"{group}/v1beta1"})
    apply(engine, without_the_old_version(definition), old, name="passing", seconds=10)
    engine.edit(old, {"metadata": {"annotations": {"tracking.mlops/inventory": f"{engine.namespace}/inventory"}}})
    done = apply(engine, without_the_old_version(definition), seconds=10)
    assert done["first"] == "deleted"
    assert engine.live(old) is None


def test_what_went_with_its_kind_is_forgotten(engine: Engine) -> None:
    group = f"{engine.namespace}.example.org"
    stays, definition = config_map(engine.namespace, "a"), widget_definition(group)
    apply(engine, stays, definition, widget(group, engine.namespace))
    engine.delete(definition)
    engine.wait_gone(definition)
    assert apply(engine, stays) == {"a": "unchanged", "inventory": "changed"}
    assert held(engine) == ["a"]


def test_absent_deletes_what_is_described_and_what_is_recorded_and_then_the_inventory(engine: Engine) -> None:
    described, recorded = config_map(engine.namespace, "a"), config_map(engine.namespace, "b")
    apply(engine, described, recorded)
    assert remove(engine, described) == {"a": "deleted", "b": "deleted", "inventory": "deleted"}
    assert engine.live(recorded) is None
    assert held(engine) == []
    assert remove(engine, described) == {"a": "absent", "inventory": "absent"}


def test_absent_keeps_what_says_that_it_is_to_be_kept_without_an_inventory_too(engine: Engine) -> None:
    wanted = secret(engine.namespace, "password", {"tracking.mlops/keep": "the data was made with it"}, value="canary")
    engine.apply(wanted)
    row = engine.plan_absent(wanted).rows[0]
    assert (row.action.value, row.reason) == ("kept", "the data was made with it")


def test_absent_keeps_an_inventory_of_what_is_kept(engine: Engine) -> None:
    objects = [config_map(engine.namespace, "a"), claim(engine.namespace)]
    apply(engine, *objects)
    assert remove(engine) == {"a": "deleted", "data": "kept", "inventory": "changed"}
    assert held(engine) == ["data"]
    assert remove(engine, *objects) == {"a": "absent", "data": "kept", "inventory": "unchanged"}
    engine.edit(claim(engine.namespace), {"metadata": {"finalizers": None}})  # there is no controller to do it
    assert remove(engine, also_delete=frozenset({"PersistentVolumeClaim"})) == {
        "data": "deleted",
        "inventory": "deleted",
    }


def test_absent_deletes_the_namespace_of_the_inventory_last(engine: Engine) -> None:
    name = f"{engine.namespace}-own"
    objects = [namespace(name), config_map(name), widget_definition(f"{name}.example.org")]
    inventory = f"{name}/inventory"
    engine.apply(*objects, inventory=inventory)
    also_delete = frozenset({"Namespace", "CustomResourceDefinition"})
    mark = engine.audit_mark()
    planned = engine.plan_absent(*objects, inventory=inventory, also_delete=also_delete, seconds=0)
    assert {row.action.value for row in planned.carry_out().rows} == {"deleted"}
    assert [write.split("/")[-2] for write in engine.server.writes_since(mark)] == [
        "configmaps",
        "customresourcedefinitions",
        "namespaces",
    ]


def test_absent_leaves_alone_what_moved_to_another_set(engine: Engine) -> None:
    moves = config_map(engine.namespace, "b")
    apply(engine, moves)
    apply(engine, moves, name="other")
    assert remove(engine, moves) == {"b": "kept", "inventory": "deleted"}
    assert engine.live(moves)


def test_absent_leaves_alone_what_somebody_else_made_under_the_same_name(engine: Engine) -> None:
    theirs, ours = config_map(engine.namespace, "b"), config_map(engine.namespace, "a")
    engine.create(theirs)
    apply(engine, ours)
    assert remove(engine, ours, theirs) == {"a": "deleted", "b": "kept", "inventory": "deleted"}
    assert engine.live(theirs)


def test_absent_gives_up_when_another_run_wrote_the_inventory(engine: Engine) -> None:
    wanted = config_map(engine.namespace, "a")
    apply(engine, wanted)
    planned = engine.plan_absent(wanted, inventory=f"{engine.namespace}/inventory")
    apply(engine, wanted, config_map(engine.namespace, "b"))
    with pytest.raises(SetFailed, match="written by another run in between"):
        planned.carry_out()
    assert engine.live(config_map(engine.namespace, "b"))


def test_what_is_slow_to_go_stays_recorded_until_it_is_gone(engine: Engine) -> None:
    slow = config_map(engine.namespace, "slow")
    slow["metadata"]["finalizers"] = ["example.org/slow"]
    stays = config_map(engine.namespace, "a")
    apply(engine, stays, slow)
    assert apply(engine, stays)["slow"] == "deleted"
    assert sorted(held(engine)) == ["a", "slow"]
    with pytest.raises(SetFailed, match=r"slow did not go away.*is held by finalizer example\.org/slow"):
        apply(engine, stays, seconds=0.5)
    engine.edit(slow, {"metadata": {"finalizers": None}})
    assert apply(engine, stays) == {"a": "unchanged", "inventory": "changed"}
    assert held(engine) == ["a"]


def two_versions(group: str) -> JSON:
    definition = widget_definition(group)
    newer = definition["spec"]["versions"][0]
    older = {**newer, "name": "v1beta1", "storage": False}
    definition["spec"]["versions"] = [newer, older]
    return definition


def without_the_old_version(definition: JSON) -> JSON:
    less = copy.deepcopy(definition)
    less["spec"]["versions"][1]["served"] = False
    return less
