"""The row of each object is filled: what was done, what changed, how long and how often, and how it is."""

from __future__ import annotations

from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map, deployment, secret

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed

JSON = Any


def test_a_write_has_its_duration_its_tries_and_its_paths(engine: Engine) -> None:
    (made,) = engine.apply(config_map(engine.namespace), seconds=5)
    assert (made["action"], made["changes"], made["tries"], made["readiness"]) == ("created", [], 1, "exists")
    assert made["duration"] > 0
    other = {**config_map(engine.namespace), "data": {"key": "other"}}
    (changed,) = engine.apply(other, seconds=5)
    assert (changed["action"], changed["changes"], changed["tries"]) == ("changed", ["data.key"], 1)
    (same,) = engine.apply(other, seconds=5)
    assert (same["action"], same["changes"], same["tries"], same["readiness"]) == ("unchanged", [], 0, "exists")


def test_check_mode_has_the_same_rows_save_what_a_write_takes(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace))
    objects = [{**config_map(engine.namespace), "data": {"key": "other"}}, config_map(engine.namespace, "new")]
    predicted = [row.as_json() for row in engine.plan(*objects, check=True, seconds=5).rows]
    done = engine.apply(*objects, seconds=5)
    for said, was in zip(predicted, done, strict=True):
        assert {**said, "duration": 0, "tries": 1, "readiness": "exists"} == {**was, "duration": 0}


def test_what_is_refused_has_a_row_with_its_tries_beside_the_others(engine: Engine) -> None:
    bad = {**secret(engine.namespace, "bad", value="canary"), "type": "kubernetes.io/tls"}
    with pytest.raises(SetFailed) as failure:
        engine.apply(config_map(engine.namespace), bad)
    rows = {row["ref"].split("/")[-1]: row for row in failure.value.result["objects"]}
    assert rows["settings"]["action"] == "created"
    assert (rows["bad"]["action"], rows["bad"]["tries"]) == ("failed", 1)
    assert rows["bad"]["duration"] > 0
    assert "tls.crt" in rows["bad"]["error"]
    assert "canary" not in str(rows)


def test_what_does_not_get_ready_says_so_in_its_row(engine: Engine) -> None:
    with pytest.raises(SetFailed) as failure:
        engine.apply(config_map(engine.namespace), deployment(engine.namespace), seconds=1)
    rows = {row["ref"].split("/")[-1]: row["readiness"] for row in failure.value.result["objects"]}
    assert rows["settings"] == "exists"
    assert rows["web"].startswith("not ready within 1 s: ")


def test_what_is_deleted_says_that_it_is_gone(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace))
    (row,) = engine.plan_absent(config_map(engine.namespace)).carry_out().rows
    assert (row.action.value, row.readiness, row.tries) == ("deleted", "gone", 1)
    assert row.seconds > 0
