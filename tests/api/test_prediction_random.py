"""Whatever is wanted and whatever was before: check mode says what the next run does, and a second run does nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from engine import Engine
from random_sets import Scene, scene

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import as_text, comparable
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import PlannedSet

JSON = Any

SEEDS = range(40)


def outcome(results: Any) -> dict[str, tuple[str, list[str], str]]:
    """What is or was done to each object."""
    told = [result.as_json() for result in results]
    return {row["ref"]: (row["action"], row["changes"], row.get("reason", "")) for row in told}


def plan(engine: Engine, wanted: Scene, *, check: bool) -> PlannedSet | str:
    """The plan, or why there is none."""
    try:
        return engine.plan(*wanted.wanted, check=check, **wanted.how)
    except TrackingError as error:
        return str(error)


@pytest.mark.parametrize("seed", SEEDS)
def test_check_mode_is_the_next_run_and_a_second_run_does_nothing(engine: Engine, seed: int) -> None:
    wanted = scene(seed, engine)
    mark = engine.audit_mark()
    predicted = plan(engine, wanted, check=True)
    assert engine.server.writes_since(mark) == []
    run = plan(engine, wanted, check=False)
    if isinstance(predicted, str) or isinstance(run, str):
        assert predicted == run
        wanted.force = ("*",)
        predicted, run = plan(engine, wanted, check=True), plan(engine, wanted, check=False)
    assert isinstance(predicted, PlannedSet), predicted
    assert isinstance(run, PlannedSet), run
    assert predicted.differences == run.differences
    assert predicted.is_change == run.is_change
    done = outcome(run.write() if run.is_change else run.rows)
    assert outcome(predicted.rows) == done
    assert_is_as_predicted(engine, wanted, predicted)
    mark = engine.audit_mark()
    again = plan(engine, wanted, check=False)
    assert isinstance(again, PlannedSet), again
    assert {ref: told for ref, told in outcome(again.rows).items() if told[0] not in ("unchanged", "kept")} == {}
    assert not again.is_change
    assert engine.server.writes_since(mark) == []
    absent = engine.plan_absent(*wanted.wanted, inventory=wanted.inventory, seconds=0)
    assert outcome(absent.rows) == outcome(absent.write())


def assert_is_as_predicted(engine: Engine, wanted: Scene, predicted: PlannedSet) -> None:
    """What changed is, byte for byte, what was shown."""
    shown = {each["after_header"]: each["after"] for each in predicted.differences}
    changed = {ref for ref, (action, _changes, _reason) in outcome(predicted.rows).items() if action == "changed"}
    for body in wanted.wanted:
        metadata = body["metadata"]
        ref = f"{body['kind']} {metadata.get('namespace', '')}/{metadata['name']}".replace(" /", " ")
        if ref in changed:
            live = as_text(engine.cluster.mask.masked(comparable(engine.live(body))))
            # what is made anew in the run cannot be known before
            assert re.fullmatch(re.escape(shown[ref]).replace(r"\(generated\)", r"\(hidden \w+\)"), live), live
