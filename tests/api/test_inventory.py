"""The ConfigMap that remembers a set: written before and after the objects, never over another run's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from api_server import ApiServer
from engine import Engine
from fault_proxy import fault_proxy, reset
from objects_to_apply import claim, config_map, deployment, everything, namespace, service

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import (
    LARGEST,
    Entry,
    Inventory,
    InventoryName,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory_record import (
    InventoryRecord,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any


def inventory_of(engine: Engine, name: str = "inventory") -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": engine.namespace},
    }


def lines(engine: Engine, name: str = "inventory") -> list[str]:
    live = engine.live(inventory_of(engine, name))
    return live["data"]["objects"].splitlines() if live else []


def line(engine: Engine, wanted: JSON) -> str:
    metadata = engine.live(wanted)["metadata"]
    place = "/".join(filter(None, [metadata.get("namespace"), metadata["name"]]))
    return f"{wanted['apiVersion']} {wanted['kind']} {place} {metadata['uid']}"


def apply(engine: Engine, *objects: JSON, **options: Any) -> dict[str, str]:
    rows = engine.apply(*objects, inventory=f"{engine.namespace}/inventory", **options)
    return {row["ref"]: row["action"] for row in rows}


def test_holds_each_object_with_its_uid_and_each_object_says_where_it_belongs(engine: Engine) -> None:
    objects = everything(engine.namespace)
    apply(engine, *objects)
    assert sorted(lines(engine)) == sorted(line(engine, each) for each in objects)
    owners = {engine.live(each)["metadata"]["annotations"]["tracking.mlops/inventory"] for each in objects}
    assert owners == {f"{engine.namespace}/inventory"}
    labels = engine.live(inventory_of(engine))["metadata"]["labels"]
    assert labels["app.kubernetes.io/managed-by"] == "mlops.tracking"


def test_costs_one_read_more_and_no_write_when_nothing_changed(engine: Engine) -> None:
    objects = [service(engine.namespace), deployment(engine.namespace)]
    apply(engine, *objects)
    marks = [engine.audit_mark()]
    engine.apply(*objects, inventory=f"{engine.namespace}/inventory")
    marks.append(engine.audit_mark())
    assert engine.server.writes_since(marks[0]) == []
    requests = [event["requestURI"] for event in engine.server.audit()[marks[0] : marks[1]]]
    assert [each for each in requests if "configmaps" in each] == [
        f"/api/v1/namespaces/{engine.namespace}/configmaps/inventory"
    ]


def test_is_read_in_the_same_list_as_the_sets_other_config_maps(engine: Engine) -> None:
    objects = [config_map(engine.namespace, f"settings-{number}") for number in range(40)]
    apply(engine, *objects)
    mark = engine.audit_mark()
    apply(engine, *objects)
    assert [event["verb"] for event in engine.server.audit()[mark:]] == ["list"]


def test_may_lie_in_a_namespace_of_its_own_set(engine: Engine) -> None:
    name = f"{engine.namespace}-new"
    objects = [namespace(name), config_map(name)]
    mark = engine.audit_mark()
    engine.apply(*objects, inventory=f"{name}/inventory")
    kinds = [write.split("?")[0].rsplit("/", 2)[-2:] for write in engine.server.writes_since(mark)]
    assert kinds == [
        ["namespaces", name],
        [name, "configmaps"],
        ["configmaps", "settings"],
        ["configmaps", "inventory"],
    ]


def test_a_namespace_that_nobody_makes_is_named_before_anything_is_written(engine: Engine) -> None:
    mark = engine.audit_mark()
    with pytest.raises(TrackingError, match="there is no namespace nowhere"):
        engine.plan(config_map(engine.namespace), inventory="nowhere/inventory").carry_out()
    assert engine.live(config_map(engine.namespace)) is None
    assert [write for write in engine.server.writes_since(mark) if "nowhere" not in write] == []


def test_check_mode_predicts_an_inventory_in_a_namespace_that_another_set_is_to_make(engine: Engine) -> None:
    planned = engine.plan(config_map(engine.namespace), inventory="nowhere/inventory", check=True)
    assert [row.action.value for row in planned.rows] == ["created", "created"]


def test_a_stack_from_before_is_adopted_with_one_write_of_the_inventory(engine: Engine) -> None:
    objects = [config_map(engine.namespace), service(engine.namespace)]
    engine.apply(*objects)
    mark = engine.audit_mark()
    done = apply(engine, *objects)
    assert set(done.values()) == {"changed", "created"}
    assert sum("configmaps" in write and "settings" not in write for write in engine.server.writes_since(mark)) == 1
    assert set(apply(engine, *objects).values()) == {"unchanged"}


def test_knows_what_an_object_became_that_somebody_deleted(engine: Engine) -> None:
    wanted = config_map(engine.namespace)
    apply(engine, wanted)
    engine.delete(wanted)
    assert set(apply(engine, wanted).values()) == {"created", "changed"}
    assert lines(engine) == [line(engine, wanted)]


def test_names_what_it_was_about_to_make_when_the_server_refuses_it(engine: Engine) -> None:
    broken = service(engine.namespace, "broken")
    broken["spec"]["ports"][0]["port"] = 99999
    with pytest.raises(SetFailed) as failure:
        apply(engine, config_map(engine.namespace), broken)
    rows = {row["ref"]: row["action"] for row in failure.value.result["objects"]}
    assert rows[f"ConfigMap {engine.namespace}/inventory"] == "created"
    assert f"v1 Service {engine.namespace}/broken" in lines(engine)
    assert f"v1 ConfigMap {engine.namespace}/settings" in lines(engine)


def test_of_two_runs_at_once_the_second_stops_before_it_writes(engine: Engine) -> None:
    first = engine.plan(config_map(engine.namespace, "a"), inventory=f"{engine.namespace}/inventory")
    second = engine.plan(config_map(engine.namespace, "b"), inventory=f"{engine.namespace}/inventory")
    first.carry_out()
    mark = engine.audit_mark()
    with pytest.raises(SetFailed, match="was written by another run in between"):
        second.carry_out()
    assert engine.live(config_map(engine.namespace, "b")) is None
    assert all("configmaps?" in write for write in engine.server.writes_since(mark))


def test_of_two_runs_over_an_inventory_that_is_there_the_second_stops_too(engine: Engine) -> None:
    apply(engine, config_map(engine.namespace, "a"))
    plans = [
        engine.plan(
            config_map(engine.namespace, "a"),
            config_map(engine.namespace, name),
            inventory=f"{engine.namespace}/inventory",
        )
        for name in ("b", "c")
    ]
    plans[0].carry_out()
    with pytest.raises(SetFailed, match="Let the other run end, then run this one again"):
        plans[1].carry_out()
    assert engine.live(config_map(engine.namespace, "c")) is None


def test_what_somebody_writes_beside_the_list_is_no_other_run(engine: Engine) -> None:
    apply(engine, config_map(engine.namespace, "a"))
    planned = engine.plan(
        config_map(engine.namespace, "a"), config_map(engine.namespace, "b"), inventory=f"{engine.namespace}/inventory"
    )
    engine.edit(inventory_of(engine), {"metadata": {"annotations": {"note": "looked at"}}})
    planned.carry_out()
    assert len(lines(engine)) == 2


def test_a_write_whose_answer_was_lost_is_no_other_run(server: ApiServer, engine: Engine) -> None:
    one, two = config_map(engine.namespace, "a"), config_map(engine.namespace, "b")
    apply(engine, one)
    union = f"{line(engine, one)}\nv1 ConfigMap {engine.namespace}/b\n"

    def write_and_say_nothing(handler: Any) -> None:
        engine.edit(inventory_of(engine), {"data": {"objects": union}})
        reset(handler)

    with fault_proxy(server) as proxy, Engine(server, engine.namespace) as through:
        through.cluster.kubeconfig, through.cluster.context = server.kubeconfig_through(proxy.url), None
        planned = through.plan(one, two, inventory=f"{engine.namespace}/inventory")
        proxy.inject(f"PATCH /api/v1/namespaces/{engine.namespace}/configmaps/inventory", write_and_say_nothing)
        planned.carry_out()
    assert lines(engine) == [line(engine, one), line(engine, two)]


def test_somebodys_own_config_map_is_not_taken_for_an_inventory(engine: Engine) -> None:
    engine.create({**inventory_of(engine), "data": {"colour": "red"}})
    with pytest.raises(TrackingError, match="is there and is no inventory"):
        apply(engine, config_map(engine.namespace))


def test_an_inventory_that_somebody_broke_is_named_with_its_line(engine: Engine) -> None:
    apply(engine, config_map(engine.namespace))
    engine.edit(inventory_of(engine), {"data": {"objects": "v1 Namespace a 1\nhello\n"}})
    with pytest.raises(TrackingError, match="line 2 is not"):
        apply(engine, config_map(engine.namespace))


def test_a_set_does_not_describe_its_own_inventory(engine: Engine) -> None:
    with pytest.raises(TrackingError, match="is the set's inventory"):
        apply(engine, config_map(engine.namespace, "inventory"))


def test_too_many_objects_are_refused_before_anything_is_written(engine: Engine) -> None:
    objects = [config_map(engine.namespace, f"{'long-name-' * 24}{number}") for number in range(4000)]
    mark = engine.audit_mark()
    with pytest.raises(TrackingError, match="Split the set in two"):
        engine.plan(*objects, inventory=f"{engine.namespace}/inventory")
    assert engine.server.writes_since(mark) == []


def test_the_largest_that_is_not_refused_is_taken_by_the_server_and_read_back(engine: Engine) -> None:
    name = InventoryName(engine.namespace, "inventory")
    entry = Entry(Reference("v1", "ConfigMap", engine.namespace, "object-00000"), "0" * 36)
    count = LARGEST // len(f"{entry}\n")
    held = Inventory.of(
        Entry(replace(entry.reference, name=f"object-{number:05}"), entry.uid) for number in range(count)
    )
    record = InventoryRecord(engine.cluster, name, "mlops.tracking", None)
    record.check_size(held)
    record.write(held)
    later = InventoryRecord(engine.cluster, name, "mlops.tracking", engine.live(inventory_of(engine)))
    assert later.held == held
    fewer = held.only(lambda each: each != entry)
    later.write(fewer)
    assert len(lines(engine)) == count - 1 > 10_000
    with pytest.raises(TrackingError, match="Split the set in two"):
        record.check_size(held.joined([Entry(replace(entry.reference, name="one-more"))]))


def test_its_row_and_its_difference_are_predicted(engine: Engine) -> None:
    apply(engine, config_map(engine.namespace, "a"))
    objects = [config_map(engine.namespace, "a"), config_map(engine.namespace, "b")]
    planned = engine.plan(*objects, inventory=f"{engine.namespace}/inventory", check=True)
    row = planned.rows[-1].as_json()
    assert (row["ref"], row["action"], row["changes"]) == (
        f"ConfigMap {engine.namespace}/inventory",
        "changed",
        ["data.objects"],
    )
    shown = planned.differences[-1]
    assert f"v1 ConfigMap {engine.namespace}/b (new)" in shown["after"]
    assert f"{engine.namespace}/b" not in shown["before"]


def test_works_for_a_user_who_may_only_write_in_one_namespace(server: ApiServer, engine: Engine) -> None:
    kinds = ["configmaps", "secrets", "services", "persistentvolumeclaims", "deployments", "networkpolicies"]
    engine.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": "deployer", "namespace": engine.namespace},
            "rules": [
                {
                    "apiGroups": ["", "apps", "networking.k8s.io"],
                    "resources": kinds,
                    "verbs": ["get", "list", "create", "patch", "delete"],
                }
            ],
        }
    )
    engine.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "deployer", "namespace": engine.namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "deployer"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "looker"}],
        }
    )
    objects = everything(engine.namespace)
    with Engine(server, engine.namespace, "looker") as narrow:
        assert set(apply(narrow, *objects).values()) == {"created"}
        done = apply(narrow, claim(engine.namespace), seconds=10)
        assert sorted(done.values()) == ["changed", *["deleted"] * (len(objects) - 1), "unchanged"]
        assert set(apply(narrow, claim(engine.namespace)).values()) == {"unchanged"}
