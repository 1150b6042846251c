"""Whose a field is: conflicts are named, taken over by path, and shared with kubectl only until we apply."""

from __future__ import annotations

import json
from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map, deployment

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.results import SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.takeover import KUBECTL, LAST_APPLIED

JSON = Any


def made_by_kubectl(engine: Engine, manifest: JSON) -> JSON:
    """As `kubectl apply` without --server-side leaves an object."""
    annotations = {**(manifest["metadata"].get("annotations") or {}), LAST_APPLIED: json.dumps(manifest)}
    body = {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}
    return engine.create(body, manager=KUBECTL)


def holders(live: JSON) -> dict[str, JSON]:
    return {entry["manager"]: entry["fieldsV1"] for entry in live["metadata"]["managedFields"]}


def only_row(rows: list[JSON]) -> JSON:
    assert len(rows) == 1
    return rows[0]


def test_a_conflict_names_path_manager_time_and_the_entry_that_mends_it(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace))
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "example/web:9"}]}}}}
    live = engine.edit_strategically(deployment(engine.namespace), patch, manager="kubectl-patch")
    time = next(each["time"] for each in live["metadata"]["managedFields"] if each["manager"] == "kubectl-patch")
    with pytest.raises(SetFailed) as failure:
        engine.plan(deployment(engine.namespace))
    path = "spec.template.spec.containers[web].image"
    assert f"{path} belongs to kubectl-patch since {time}" in failure.value.why
    assert f'force_conflicts: ["{path}"]' in failure.value.why


def test_takes_over_what_lies_under_a_named_path(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace))
    engine.edit(deployment(engine.namespace), {"spec": {"replicas": 7}}, manager="kubectl-edit")
    row = only_row(engine.apply(deployment(engine.namespace), force=("spec",)))
    assert row["changes"] == ["spec.replicas"]
    assert engine.live(deployment(engine.namespace))["spec"]["replicas"] == 1


def test_takes_over_nothing_when_one_conflict_lies_elsewhere(engine: Engine) -> None:
    wanted = {**config_map(engine.namespace, colour="red", shape="round")}
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"colour": "blue", "shape": "square"}}, manager="kubectl-edit")
    with pytest.raises(SetFailed, match=r"data\.shape belongs to kubectl-edit"):
        engine.plan(wanted, force=("data.colour",))
    assert engine.live(wanted)["data"] == {"colour": "blue", "shape": "square"}


def test_a_star_takes_over_everything(engine: Engine) -> None:
    wanted = config_map(engine.namespace, colour="red", shape="round")
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"colour": "blue", "shape": "square"}}, manager="kubectl-edit")
    assert only_row(engine.apply(wanted, force=("*",)))["changes"] == ["data.colour", "data.shape"]


def test_what_kubectl_applied_and_is_described_here_is_no_longer_kubectls(engine: Engine) -> None:
    wanted = config_map(engine.namespace, colour="red")
    made_by_kubectl(engine, config_map(engine.namespace, colour="red", theirs="stays"))
    predicted = engine.plan(wanted, check=True)
    assert [row.changes for row in predicted.rows] == [only_row(engine.apply(wanted))["changes"]]
    live = engine.live(wanted)
    assert LAST_APPLIED not in live["metadata"].get("annotations", {})
    assert holders(live)[KUBECTL] == {"f:data": {".": {}, "f:theirs": {}}}
    assert live["data"] == {"colour": "red", "theirs": "stays"}


def test_a_field_taken_over_from_kubectl_goes_when_it_leaves_the_description(engine: Engine) -> None:
    made_by_kubectl(engine, config_map(engine.namespace, colour="red", shape="round"))
    engine.apply(config_map(engine.namespace, colour="red", shape="round"))
    engine.apply(config_map(engine.namespace, colour="red"))
    assert engine.live(config_map(engine.namespace))["data"] == {"colour": "red"}


def test_taking_over_from_kubectl_happens_once(engine: Engine) -> None:
    made_by_kubectl(engine, deployment(engine.namespace))
    assert only_row(engine.apply(deployment(engine.namespace)))["action"] == "changed"
    mark = engine.audit_mark()
    assert only_row(engine.apply(deployment(engine.namespace)))["action"] == "unchanged"
    assert engine.server.writes_since(mark) == []


def test_another_value_of_kubectl_apply_is_still_a_conflict(engine: Engine) -> None:
    made_by_kubectl(engine, config_map(engine.namespace, colour="blue"))
    with pytest.raises(SetFailed, match=f"data.colour belongs to {KUBECTL}"):
        engine.plan(config_map(engine.namespace, colour="red"))


def test_quantities_of_an_ordinary_deployment_need_no_dry_run(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace))
    mark = engine.audit_mark()
    engine.apply(deployment(engine.namespace))
    assert [event["verb"] for event in engine.server.audit()[mark:]] == ["get"]


def test_an_ordinary_write_is_not_asked_about_again(engine: Engine) -> None:
    mark = engine.audit_mark()
    assert "unstable" not in only_row(engine.apply(deployment(engine.namespace)))
    verbs = [event["verb"] for event in engine.server.audit()[mark:]]
    assert verbs.count("patch") == 1
