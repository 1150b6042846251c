"""An ignored field is neither a change nor removed."""

from __future__ import annotations

from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map, deployment

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed

JSON = Any

REPLICAS = [{"kind": "Deployment", "pointers": ["/spec/replicas"]}]


def rows_of(engine: Engine, *objects: JSON, ignore: list[JSON]) -> list[JSON]:
    rows: list[JSON] = engine.apply(*objects, ignore=ignore)
    return rows


def test_what_an_autoscaler_scaled_stays(engine: Engine) -> None:
    wanted = deployment(engine.namespace)
    engine.apply(wanted)
    engine.edit(wanted, {"spec": {"replicas": 5}}, manager="kube-controller-manager", subresource="scale")
    rows_of(engine, wanted, ignore=REPLICAS)
    assert engine.live(wanted)["spec"]["replicas"] == 5


def test_after_giving_a_field_up_nothing_is_written_any_more(engine: Engine) -> None:
    wanted = deployment(engine.namespace)
    engine.apply(wanted)
    engine.edit(wanted, {"spec": {"replicas": 5}}, manager="kubectl-edit")
    rows_of(engine, wanted, ignore=REPLICAS)
    mark = engine.audit_mark()
    assert [row["action"] for row in rows_of(engine, wanted, ignore=REPLICAS)] == ["unchanged"]
    assert engine.server.writes_since(mark) == []


def test_a_field_that_only_we_hold_keeps_its_live_value(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace, replicas=2))
    rows = rows_of(engine, deployment(engine.namespace, replicas=4), ignore=REPLICAS)
    assert [row["action"] for row in rows] == ["unchanged"]
    assert engine.live(deployment(engine.namespace))["spec"]["replicas"] == 2


def test_an_object_to_be_made_gets_the_described_value(engine: Engine) -> None:
    rows_of(engine, deployment(engine.namespace, replicas=4), ignore=REPLICAS)
    assert engine.live(deployment(engine.namespace))["spec"]["replicas"] == 4


def test_an_expression_finds_items_by_what_they_are(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace, image="example/web:1"))
    ignore = [{"expressions": ["spec.template.spec.containers[?name=='web'].image"]}]
    rows = rows_of(engine, deployment(engine.namespace, image="example/web:2"), ignore=ignore)
    assert [row["action"] for row in rows] == ["unchanged"]
    template = engine.live(deployment(engine.namespace))["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == "example/web:1"


def test_all_that_a_manager_holds_is_its_own(engine: Engine) -> None:
    wanted = config_map(engine.namespace, colour="red", shape="round")
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"colour": "blue"}}, manager="painter")
    changed = config_map(engine.namespace, colour="green", shape="square")
    rows = rows_of(engine, changed, ignore=[{"managers": ["paint*"]}])
    assert rows[0]["changes"] == ["data.shape"]
    assert engine.live(wanted)["data"] == {"colour": "blue", "shape": "square"}


def test_a_rule_speaks_of_the_objects_it_names_only(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace, "a", key="1"), config_map(engine.namespace, "b", key="1"))
    rows = rows_of(
        engine,
        config_map(engine.namespace, "a", key="2"),
        config_map(engine.namespace, "b", key="2"),
        ignore=[{"kind": "ConfigMap", "name": "a", "pointers": ["/data/key"]}],
    )
    assert [row["action"] for row in rows] == ["unchanged", "changed"]


def test_check_mode_says_the_same_of_ignored_fields(engine: Engine) -> None:
    wanted = deployment(engine.namespace)
    engine.apply(wanted)
    engine.edit(wanted, {"spec": {"replicas": 5}}, manager="kubectl-edit")
    predicted = engine.plan(wanted, check=True, ignore=REPLICAS)
    assert [row.changes for row in predicted.rows] == [
        row["changes"] for row in rows_of(engine, wanted, ignore=REPLICAS)
    ]


def test_a_field_is_a_conflict_again_once_its_rule_is_gone(engine: Engine) -> None:
    wanted = deployment(engine.namespace)
    engine.apply(wanted)
    engine.edit(wanted, {"spec": {"replicas": 5}}, manager="kubectl-edit")
    rows_of(engine, wanted, ignore=REPLICAS)
    with pytest.raises(SetFailed, match=r"spec\.replicas belongs to kubectl-edit"):
        engine.plan(wanted)


@pytest.mark.parametrize(
    ("rule", "story"),
    [
        ({"kind": "Deployment"}, "names nothing to ignore"),
        ({"pointers": ["spec/replicas"]}, "is not a JSON pointer"),
        ({"expressions": ["spec.["]}, "is no JMESPath"),
        ({"expressions": ["length(spec.ports)"]}, "names no field"),
    ],
    ids=["empty", "pointer", "syntax", "function"],
)
def test_a_rule_that_cannot_work_is_named(engine: Engine, rule: JSON, story: str) -> None:
    with pytest.raises(InvalidInput, match=story):
        engine.plan(config_map(engine.namespace), ignore=[rule])
