"""The program killed (-9), and PostgreSQL killed, in each phase and at random: the next run ends with equal digests."""

from __future__ import annotations

import random
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import postgres_server
import pytest
from migration_job import Job, Outcome, ended, free_port, new_job, paused
from postgres_server import PostgresServer

SEED = 11
# In each phase, as the share of its calls that were made: the beginning, the middle, the end.
SHARES = (0.02, 0.5, 0.98)
PHASES = ("new", "frozen", "copying", "committing")
RANDOM_POINTS = 4


@pytest.fixture(scope="module")
def own_server(postgres_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One that may be killed."""
    with postgres_server.running(postgres_image, free_port(), tmp_path_factory.mktemp("killed")) as server:
        yield server


@pytest.fixture
def job(image: str, own_server: PostgresServer, filled: Path, tmp_path: Path) -> Job:
    return new_job(image, own_server, filled, tmp_path)


@pytest.fixture(scope="module")
def calls(
    image: str, own_server: PostgresServer, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, tuple[int, int]], Outcome]:
    """{phase: its first call and its last} of a migration that goes well, and how it ended."""
    job = new_job(image, own_server, filled, tmp_path_factory.mktemp("calls"))
    outcome = ended(job.start("/tests/killed.py", "count", "0", "migrate"))
    assert outcome.code == 0, outcome.output
    ends = [int(number) for number in re.findall(r"calls before \w+: (\d+)", outcome.output)]
    starts = [1, *ends]
    return {phase: (starts[place], ends[place]) for place, phase in enumerate(PHASES)}, outcome


Calls = tuple[dict[str, tuple[int, int]], Outcome]


def point(calls: Calls, phase: str, share: float) -> int:
    first, last = calls[0][phase]
    return first + round((last - first) * share)


def need_recovery(job: Job, calls: Calls, filled: Path) -> None:
    """SQLite's file is as it was, and the next run ends as if nothing had happened."""
    untouched = (filled / "mlflow.db").read_bytes()
    assert job.sqlite.read_bytes() == untouched
    outcome = job.run("migrate")
    assert outcome.code == 0, outcome.output
    assert outcome.digests == calls[1].digests
    assert job.run("status").code == 0
    assert job.sqlite.read_bytes() == untouched


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("phase", PHASES)
def test_a_program_killed_in_a_phase_is_taken_up(
    job: Job, calls: Calls, filled: Path, phase: str, share: float
) -> None:
    killed = ended(job.start("/tests/killed.py", "kill", str(point(calls, phase, share)), "migrate"))
    assert killed.code == 137, killed.output
    if phase != "committing":
        assert job.server.holds_nothing(job.database)
    need_recovery(job, calls, filled)


@pytest.mark.parametrize("number", range(RANDOM_POINTS))
def test_a_pod_killed_at_any_moment_is_taken_up(job: Job, calls: Calls, filled: Path, number: int) -> None:
    seconds = calls[1].report["seconds"] * random.Random(SEED + number).random()
    name = f"test-killed-{job.database}"
    process = job.start("-m", "migration", "migrate", name=name)
    process.stdout.readline()
    time.sleep(seconds)
    subprocess.run(["docker", "kill", name], check=False, capture_output=True)
    process.communicate()
    need_recovery(job, calls, filled)


def test_a_pod_that_is_told_to_end_says_so_and_the_next_takes_it_up(job: Job, calls: Calls, filled: Path) -> None:
    name = f"test-ended-{job.database}"
    point_in_the_copy = str(point(calls, "copying", 0.5))
    process = job.start("/tests/killed.py", "pause", point_in_the_copy, "migrate", name=name)
    holding = paused(job, process)
    subprocess.run(["docker", "stop", "--time=20", name], check=True, capture_output=True)
    outcome = ended(process)
    assert outcome.code == 1, outcome.output
    assert "told to end" in outcome.sentence
    assert job.server.holds_nothing(job.database)
    holding.unlink()
    need_recovery(job, calls, filled)


@pytest.mark.parametrize("share", [0.1, 0.9])
@pytest.mark.parametrize("phase", PHASES)
def test_postgresql_killed_in_a_phase_fails_the_run_in_one_sentence_and_the_next_succeeds(
    job: Job, calls: Calls, filled: Path, phase: str, share: float
) -> None:
    process = job.start("/tests/killed.py", "pause", str(point(calls, phase, share)), "migrate")
    holding = paused(job, process)
    job.server.kill()
    holding.unlink()
    outcome = ended(process)
    job.server.start()
    assert outcome.code in (1, 12), outcome.output
    assert outcome.sentence.endswith(".")
    assert "Traceback" not in outcome.output
    need_recovery(job, calls, filled)


def test_what_a_killed_run_left_in_postgresql_does_not_refuse_the_next(job: Job, calls: Calls, filled: Path) -> None:
    """A backend that waits for a lock does not notice that its client is gone."""
    server, database = job.server, job.database
    server.run(database, "CREATE TABLE runs (a int)")
    server.run(database, "ALTER TABLE runs OWNER TO mlflow")
    address = server.address(database)
    hold = "BEGIN; LOCK TABLE runs; SELECT pg_sleep(600)"
    holder = subprocess.Popen(["docker", "exec", server.name, "psql", address, "-qAtc", hold])
    name = f"test-left-{database}"
    process = job.start("-m", "migration", "migrate", name=name)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mlops%' AND wait_event_type = 'Lock'"
    while server.run("postgres", waiting) == ["0"]:
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.1)
    subprocess.run(["docker", "kill", name], check=True, capture_output=True)
    process.communicate()
    second = job.start("-m", "migration", "migrate", name=name)
    ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mlops.tracking migration%'"
    assert int(server.run("postgres", ours)[0]) >= 1
    server.run("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = '{hold}'")
    holder.wait()
    outcome = ended(second)
    assert outcome.code == 0, outcome.output
    assert outcome.digests == calls[1].digests
