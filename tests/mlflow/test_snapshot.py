"""Reading a real server twice: what is equal, what is missing, and a write that leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.survey import Limits, Survey, survey
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.survey_comparison import compare
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.trial_write import write_and_take_back


def test_two_readings_of_one_server_are_equal_whatever_was_added_between(stack: Any, proof: dict[str, Any]) -> None:
    with Transport(stack.mlflow_url) as transport:
        before = survey(transport, Limits())
        transport.post("experiments/create", {"name": "between"})
        compared = compare(transport, before, survey(transport, Limits())).equal
    for kind in ("experiments", "runs", "metric histories", "registered models", "model versions", "artifacts"):
        assert compared[kind] >= 1, kind


def test_names_what_is_missing_and_what_differs(stack: Any, proof: dict[str, Any]) -> None:
    with Transport(stack.mlflow_url) as transport:
        found = survey(transport, Limits())
        run = next(iter(found.things["runs"]))
        things = {
            **found.things,
            "runs": {run: "another digest"},
            "registered models": {**found.things["registered models"], "lost": "a digest"},
        }
        before = Survey(things, ["0" * 32])
        compared, with_one_left_out = (compare(transport, before, found, left_out) for left_out in ([], [run]))
    differing = [f"runs: {run} differs", "registered models: lost is missing"]
    gone = f"run {'0' * 32}, which was going on, is missing"
    assert compared.differing == [*differing, gone]
    assert compared.equal["runs"] == 0
    assert (with_one_left_out.left_out, with_one_left_out.differing) == (differing[:1], [differing[1], gone])
    with pytest.raises(TrackingError, match=rf"in 3 places.*{'; '.join(compared.differing)}"):
        compared.need_equal()


@pytest.mark.parametrize("left_out", [["a run", "lost"], ["*"]])
def test_what_was_left_out_on_purpose_is_told_and_no_failure(
    stack: Any, proof: dict[str, Any], left_out: list[str]
) -> None:
    with Transport(stack.mlflow_url) as transport:
        found = survey(transport, Limits())
        before = Survey({"registered models": {**found.things["registered models"], "lost": "a digest"}}, [])
        compared = compare(transport, before, found, left_out)
    assert compared.left_out == ["registered models: lost is missing"]
    assert compared.equal["registered models"] == len(found.things["registered models"])


def test_a_run_that_newer_ones_pushed_out_of_the_reading_is_asked_for(stack: Any, proof: dict[str, Any]) -> None:
    with Transport(stack.mlflow_url) as transport:
        found = survey(transport, Limits())
        without = replace(found, things={**found.things, "runs": {}, "metric histories": {}, "artifacts": {}})
        assert compare(transport, found, without).equal["runs"] == len(found.things["runs"])


def test_a_write_that_is_taken_back_leaves_nothing(stack: Any, proof: dict[str, Any]) -> None:
    with Transport(stack.mlflow_url) as transport:
        before = survey(transport, Limits())
        write_and_take_back(transport)
        assert survey(transport, Limits()).as_json() == before.as_json()
