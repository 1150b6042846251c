"""The journal of a move on a real API server: one run at a time, and a killed one is known."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import time
from dataclasses import replace

import pytest
from engine import Engine
from objects_to_apply import namespace

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.backend import (
    Record,
    read_record,
    write_record,
)
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.journal import Holder, begun, read, write
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress
from ansible_collections.mlops.tracking.plugins.modules.mlflow_migration import ARGUMENTS, plan


def ask(
    engine: Engine, process: int, phase: str | None = None, *, check: bool = False, **more: object
) -> dict[str, object]:
    """What the module does for the ansible-playbook of that process id."""
    defaults = {name: option.get("default") for name, option in ARGUMENTS.items()}
    given = {**defaults, "namespace": engine.namespace, "process": process, "phase": phase, **more}
    planned = plan(given, engine.cluster, Mode(check=check, diff=False, progress=Progress()))
    outcome = planned.carry_out() if planned.is_change and not check else planned.outcome
    return {"changed": planned.is_change, **outcome.as_json()}


@pytest.fixture
def here(engine: Engine) -> Engine:
    engine.apply(namespace(engine.namespace))
    return engine


@pytest.fixture
def other() -> object:
    """Another ansible-playbook: a process that lives until it is killed."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def test_keeps_phases_and_times_and_the_report_of_the_job(here: Engine) -> None:
    mine = os.getpid()
    for phase in ("preflight", "move", "prove", "switch"):
        assert ask(here, mine, phase)["changed"]
    packed = base64.b64encode(gzip.compress(json.dumps({"rows": 7, "sentence": "Done."}).encode())).decode()
    done = ask(here, mine, "done", log=["copy: begins", f"report: {packed}"], report={"to": "postgresql"})
    journal = done["journal"]
    assert [entry["phase"] for entry in journal["history"]] == ["preflight", "move", "prove", "switch", "done"]
    assert journal["report"]["program"] == {"rows": 7, "sentence": "Done."}
    assert journal["report"]["to"] == "postgresql"
    assert journal["report"]["seconds_without_writes"] >= 0
    assert read(here.cluster, here.namespace).phase == "done"


def test_what_the_last_move_came_to_outlives_later_ones_that_were_not_done(here: Engine) -> None:
    mine = os.getpid()
    for phase in ("preflight", "move", "done"):
        ask(here, mine, phase, report={"rows": 7})
    for _ in range(2):
        ask(here, mine, "preflight")
        ask(here, mine, "returned", reason="PostgreSQL has 3 newer writes")
    journal = read(here.cluster, here.namespace)
    assert (journal.phase, journal.report) == ("returned", {})
    assert journal.last_done["report"]["rows"] == 7


def test_a_prediction_goes_through_every_phase_and_writes_none(here: Engine, other: subprocess.Popen[bytes]) -> None:
    for phase in ("preflight", "move", "prove", "switch", "done"):
        assert ask(here, os.getpid(), phase, check=True)["journal"]["phase"] == phase
    assert read(here.cluster, here.namespace) is None
    ask(here, other.pid, "preflight")
    with pytest.raises(TrackingError, match="under way"):
        ask(here, os.getpid(), "move", check=True)


def test_two_at_once_are_one_too_many(here: Engine, other: subprocess.Popen[bytes]) -> None:
    ask(here, other.pid, "preflight")
    for phase in ("preflight", None):
        with pytest.raises(TrackingError, match=rf"under way.*process id {other.pid}.*in phase preflight"):
            ask(here, os.getpid(), phase)
    with pytest.raises(TrackingError, match="under way"):
        ask(here, os.getpid(), settle=True)
    assert read(here.cluster, here.namespace).holder.pid == other.pid


def test_of_two_that_begin_in_the_same_moment_one_is_refused(here: Engine) -> None:
    first, second = (begun(None, Holder.of(os.getpid()), "postgresql", time.time(), 60) for _ in range(2))
    write(here.cluster, here.namespace, first)
    with pytest.raises(TrackingError, match="under way"):
        write(here.cluster, here.namespace, second)


def test_a_killed_one_is_ended_and_the_next_begins(here: Engine, other: subprocess.Popen[bytes]) -> None:
    ask(here, other.pid, "preflight")
    ask(here, other.pid, "move")
    other.kill()
    other.wait()
    settled = ask(here, os.getpid(), settle=True)
    assert settled["was_killed"]
    assert settled["journal"]["phase"] == "returned"
    assert settled["journal"]["reason"] == "it was killed in phase move"
    assert ask(here, os.getpid(), "preflight")["journal"]["history"][0]["phase"] == "preflight"


def test_one_that_was_killed_after_the_switch_is_done(here: Engine, other: subprocess.Popen[bytes]) -> None:
    ask(here, other.pid, "preflight")
    ask(here, other.pid, "switch")
    write_record(here.cluster, here.namespace, Record("postgresql", "2026-11-24T20:00:00Z"), "mlops.tracking")
    other.kill()
    other.wait()
    assert ask(here, os.getpid(), settle=True)["journal"]["phase"] == "done"


def test_one_on_another_machine_counts_as_killed_when_its_time_is_over(here: Engine) -> None:
    elsewhere = Holder("another-machine", 1, "1")
    write(here.cluster, here.namespace, begun(None, elsewhere, "postgresql", time.time(), 60))
    with pytest.raises(TrackingError, match=r"on another-machine.*migration_take_over=true"):
        ask(here, os.getpid(), settle=True)
    assert ask(here, os.getpid(), settle=True, take_over=True)["was_killed"]
    old = replace(begun(read(here.cluster, here.namespace), elsewhere, "postgresql", time.time(), 60), expires=1.0)
    write(here.cluster, here.namespace, old)
    assert ask(here, os.getpid(), settle=True)["was_killed"]


def test_a_phase_belongs_to_who_began(here: Engine, other: subprocess.Popen[bytes]) -> None:
    ask(here, os.getpid(), "preflight")
    with pytest.raises(TrackingError, match="under way"):
        ask(here, other.pid, "switch")


def test_settling_where_nothing_was_moved_writes_nothing(here: Engine) -> None:
    assert not ask(here, os.getpid(), settle=True)["changed"]
    assert read(here.cluster, here.namespace) is None


def test_the_record_of_the_database_is_written_and_read(here: Engine) -> None:
    assert read_record(here.cluster, here.namespace) is None
    for record in (Record("sqlite", "2026-11-24T20:00:00Z", "claim"), Record("postgresql", "2027-01-01T00:00:00Z")):
        write_record(here.cluster, here.namespace, record, "mlops.tracking")
        assert read_record(here.cluster, here.namespace) == record
