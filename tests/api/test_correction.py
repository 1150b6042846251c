"""Putting named objects right, whoever holds their fields, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine import Engine, documents, options_of
from objects_to_apply import claim, config_map, deployment, everything, secret

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.correct import plan_correction

JSON = Any


def correct(engine: Engine, described: Sequence[JSON], *only: JSON) -> list[JSON]:
    names = [f"{each['kind']} {engine.namespace}/{each['metadata']['name']}" for each in only]
    planned = plan_correction(engine.cluster, documents(*described), options_of(), names)
    return [row.as_json() for row in planned.carry_out().rows] if planned.is_change else []


def test_a_named_object_is_as_described_again_and_without_what_others_added(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    target = deployment(engine.namespace)
    engine.edit(target, {"spec": {"replicas": 3}}, "kubectl", "scale")
    engine.edit(target, {"metadata": {"labels": {"team": "x"}}, "spec": {"paused": True}}, "kubectl-edit")
    [row] = correct(engine, described, target)
    assert row["action"] == "changed"
    assert engine.look(*described) == []
    assert engine.live(target)["spec"]["replicas"] == 1


def test_what_only_others_added_is_taken_away(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(config_map(engine.namespace), {"data": {"more": "m"}}, "kubectl-edit")
    correct(engine, described, config_map(engine.namespace))
    assert engine.live(config_map(engine.namespace))["data"] == {"key": "value"}


def test_a_missing_object_is_made_again(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.delete(config_map(engine.namespace))
    correct(engine, described, config_map(engine.namespace))
    assert engine.look(*described) == []


def test_what_is_not_named_stays_as_it_is(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(config_map(engine.namespace), {"data": {"key": "other"}}, "kubectl-edit")
    engine.edit(deployment(engine.namespace), {"spec": {"replicas": 3}}, "kubectl", "scale")
    correct(engine, described, deployment(engine.namespace))
    assert engine.live(config_map(engine.namespace))["data"] == {"key": "other"}


def test_a_claim_is_never_written_and_no_value_made_anew(engine: Engine) -> None:
    generated = secret(engine.namespace, "made", {"tracking.mlops/generate": "password=20"})
    described = [claim(engine.namespace), generated]
    engine.apply(*described)
    engine.edit(claim(engine.namespace), {"metadata": {"labels": {"team": "x"}}}, "kubectl-edit")
    engine.delete(generated)
    mark = engine.audit_mark()
    assert correct(engine, described, *described) == []
    assert engine.server.writes_since(mark) == []


def test_nothing_is_written_where_nothing_drifts(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    mark = engine.audit_mark()
    assert correct(engine, described, *described) == []
    assert engine.server.writes_since(mark) == []
