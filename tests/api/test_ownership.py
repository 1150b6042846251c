"""Whose a field is: conflicts are named, taken over by path, and shared with kubectl only until we apply."""

from __future__ import annotations

import json
from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map, deployment, service

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.takeover import KUBECTL, LAST_APPLIED

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


def test_a_conflict_over_an_item_without_a_name_can_be_taken_over_as_it_is_told(engine: Engine) -> None:
    wanted = service(engine.namespace)
    wanted["spec"]["ports"] = [{"port": 80, "targetPort": 8080}]
    engine.apply(wanted)
    patch = {"spec": {"ports": [{"port": 80, "targetPort": 9000}]}}
    engine.edit_strategically(wanted, patch, manager="kubectl-patch")
    with pytest.raises(SetFailed, match=r'force_conflicts: \["spec\.ports\[0\]\.targetPort"\]'):
        engine.plan(wanted)
    assert only_row(engine.apply(wanted, force=("spec.ports[0].targetPort",)))["action"] == "changed"


def test_a_conflict_with_another_that_applies_tells_since_when_too(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace, colour="red"), field_manager="another")
    (entry,) = engine.live(config_map(engine.namespace))["metadata"]["managedFields"]
    with pytest.raises(SetFailed, match=f"data.colour belongs to another since {entry['time']}"):
        engine.plan(config_map(engine.namespace, colour="blue"))


def test_a_conflict_that_arises_while_another_is_taken_over_is_not_forced(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = config_map(engine.namespace, colour="red", shape="round")
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"colour": "blue"}}, manager="painter")
    planned = engine.plan(wanted, force=("data.colour",))
    request = engine.cluster.request

    def with_another_hand(method: str, path: str, **options: Any) -> JSON:
        if (options.get("query") or {}).get("force") == "true":
            monkeypatch.setattr(engine.cluster, "request", request)
            engine.edit(wanted, {"data": {"shape": "square"}}, manager="painter")
        return request(method, path, **options)

    monkeypatch.setattr(engine.cluster, "request", with_another_hand)
    with pytest.raises(SetFailed, match=r"data\.shape belongs to painter"):
        planned.carry_out()
    assert engine.live(wanted)["data"] == {"colour": "blue", "shape": "square"}


def test_an_entry_that_is_no_path_is_refused_before_anything_is_asked(engine: Engine) -> None:
    mark = engine.audit_mark()
    with pytest.raises(InvalidInput, match=r"Variable force_conflicts cannot be used: '/spec/replicas' is no path"):
        engine.plan(deployment(engine.namespace), force=("/spec/replicas",))
    assert engine.server.audit()[mark:] == []


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


def test_nothing_of_kubectls_entry_is_left_where_all_of_it_is_described_here(engine: Engine) -> None:
    wanted = config_map(engine.namespace, colour="red")
    wanted["metadata"]["annotations"] = {"example.com/team": "red"}
    made_by_kubectl(engine, wanted)
    engine.apply(wanted)
    live = engine.live(wanted)
    assert set(holders(live)) == {"mlops.tracking"}, holders(live)
    assert live["metadata"]["annotations"] == {"example.com/team": "red"}


def test_taking_over_tells_the_annotation_that_goes(engine: Engine) -> None:
    made_by_kubectl(engine, config_map(engine.namespace))
    assert only_row(engine.apply(config_map(engine.namespace)))["changes"] == ["metadata.annotations"]


def test_what_a_controller_wrote_into_the_status_stays_its_own(engine: Engine) -> None:
    made_by_kubectl(engine, deployment(engine.namespace))
    status = {"status": {"observedGeneration": 1}}
    engine.edit(deployment(engine.namespace), status, manager=KUBECTL, subresource="status")
    engine.apply(deployment(engine.namespace))
    live = engine.live(deployment(engine.namespace))
    assert live["status"] == {"observedGeneration": 1}
    assert holders(live)[KUBECTL] == {"f:status": {"f:observedGeneration": {}}}


def test_the_last_applied_annotation_goes_when_all_of_kubectls_fields_are_forced(engine: Engine) -> None:
    made_by_kubectl(engine, config_map(engine.namespace, colour="blue"))
    engine.apply(config_map(engine.namespace, colour="red"), force=("data",))
    live = engine.live(config_map(engine.namespace))
    assert set(holders(live)) == {"mlops.tracking"}, holders(live)
    assert "annotations" not in live["metadata"]


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
