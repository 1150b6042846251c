"""Objects that somebody is deleting while they are described: waited for and made anew, or what holds them is told."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from api_server import ApiServer
from engine import Engine
from objects_to_apply import config_map, namespace, secret

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed

JSON = Any


def held_back(engine: Engine, wanted: JSON) -> JSON:
    """Applies an object that somebody then deletes, and that a finalizer of somebody's holds."""
    engine.apply(wanted)
    engine.edit(wanted, {"metadata": {"finalizers": ["example.org/busy"]}})
    engine.delete(wanted)
    return engine.live(wanted)


def let_go(engine: Engine, wanted: JSON) -> None:
    engine.edit(wanted, {"metadata": {"finalizers": None}})


def finalize(engine: Engine, name: str) -> None:
    """Ends a namespace as its controller would."""
    path = f"/api/v1/namespaces/{name}"
    body = engine.cluster.get(path)
    engine.cluster.request("PUT", f"{path}/finalize", body={**body, "spec": {"finalizers": []}})


def test_is_predicted_to_be_made_anew(engine: Engine) -> None:
    wanted = config_map(engine.namespace)
    held_back(engine, wanted)
    row = engine.plan(wanted, check=True).rows[0]
    assert row.action.value == "created"
    assert row.reason.startswith("it is being deleted since 20")


def test_is_waited_for_and_made_anew(server: ApiServer, engine: Engine) -> None:
    wanted, other = config_map(engine.namespace), config_map(engine.namespace, "other")
    before = held_back(engine, wanted)
    planned = engine.plan(wanted, other, inventory=f"{engine.namespace}/inventory", seconds=20)
    with Engine(server, engine.namespace) as somebody:
        timer = threading.Timer(0.5, let_go, [somebody, wanted])
        timer.start()
        rows = planned.carry_out().rows
        timer.join()
    assert {row.action.value for row in rows} == {"created"}
    after = engine.live(wanted)
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert after["metadata"]["uid"] in engine.live(config_map(engine.namespace, "inventory"))["data"]["objects"]
    assert not engine.plan(wanted, other, inventory=f"{engine.namespace}/inventory").is_change


def test_tells_what_holds_it_and_writes_nothing(engine: Engine) -> None:
    wanted, other = config_map(engine.namespace), config_map(engine.namespace, "other")
    held_back(engine, wanted)
    mark = engine.audit_mark()
    with pytest.raises(SetFailed, match=r"being deleted.*is held by finalizer example\.org/busy") as failure:
        engine.apply(wanted, other, seconds=0.5)
    assert engine.server.writes_since(mark) == []
    assert {row["action"] for row in failure.value.result["objects"]} == {"not tried"}


def test_a_secret_that_is_made_anew_keeps_its_values(server: ApiServer, engine: Engine) -> None:
    wanted = secret(engine.namespace, "password", {"tracking.mlops/generate": "value=20"})
    before = held_back(engine, wanted)
    planned = engine.plan(wanted, seconds=20)
    let_go(engine, wanted)
    planned.carry_out()
    assert engine.live(wanted)["data"] == before["data"]


def test_a_namespace_is_waited_for_and_made_anew_with_all_in_it(engine: Engine) -> None:
    name = f"{engine.namespace}-ending"
    objects = [namespace(name), config_map(name)]
    engine.apply(*objects)
    before = engine.live(objects[0])
    engine.delete(objects[0])
    check = engine.plan(*objects, check=True)
    assert {row.action.value for row in check.rows} == {"created"}
    planned = engine.plan(*objects, seconds=20)
    engine.delete(objects[1])
    finalize(engine, name)
    planned.carry_out()
    assert engine.live(objects[0])["metadata"]["uid"] != before["metadata"]["uid"]
    assert engine.live(objects[1])


def test_a_namespace_that_does_not_end_is_told_in_one_sentence(engine: Engine) -> None:
    name = f"{engine.namespace}-stuck"
    objects = [namespace(name), config_map(name)]
    engine.apply(*objects)
    engine.delete(objects[0])
    with pytest.raises(SetFailed, match=rf"Namespace {name}.* is still being emptied") as failure:
        engine.apply(*objects, seconds=0.5)
    assert "\n" not in failure.value.sentence()


def test_somebody_elses_namespace_that_is_being_deleted_is_told_in_one_sentence(engine: Engine) -> None:
    name = f"{engine.namespace}-theirs"
    engine.create(namespace(name))
    engine.delete(namespace(name))
    for check in (True, False):
        with pytest.raises(
            TrackingError, match=rf"namespace {name} is being deleted, and takes all that is in it along"
        ):
            engine.plan(config_map(name), check=check).carry_out()
