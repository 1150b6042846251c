"""What cannot be migrated is refused with one clear sentence, and nothing is written."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import postgres_server
import pytest
from migration_job import Job, Outcome, ended, free_port, new_job, paused
from postgres_server import PostgresServer

Change = Callable[[Path, str], None]
COMMANDS = ("preflight", "migrate")


def need_refusal(job: Job, outcome: Outcome, code: int, *words: str) -> None:
    """Refused with this code, in a sentence with these words, with nothing written and no password told."""
    assert outcome.code == code, outcome.output
    for word in words:
        assert word in outcome.sentence
    assert outcome.sentence.endswith(".")
    assert "Traceback" not in outcome.output
    assert job.server.password not in outcome.output


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def corrupt(path: Path) -> None:
    """The pages in the middle are another program's."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 40 * 4096] = b"\x55" * 40 * 4096
    path.write_bytes(content)


def left_behind(path: Path) -> None:
    """MLflow was killed with writes in a write-ahead log."""
    program = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode = wal');"
        "c.execute(\"UPDATE runs SET name = 'in the log'\"); c.commit(); os._exit(0)"
    )
    subprocess.run(["python3", "-c", program, str(path)], check=True)
    for file in path.parent.glob("*.db*"):
        file.chmod(0o666)


def no_database(path: Path) -> None:
    path.write_text("{}" * 1000)


FILES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "truncated": (truncated, ("is truncated", "Restore a backup")),
    "WAL left behind": (left_behind, ("mlflow.db-wal", "writes that are not yet in")),
    "not SQLite's": (no_database, ("is not an SQLite database", "MIGRATION_SQLITE")),
    "empty": (lambda path: path.write_bytes(b""), ("is empty",)),
    "missing": (Path.unlink, ("There is no /data/mlflow.db",)),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_not_whole_is_refused(job: Job, kind: str, command: str) -> None:
    spoil, words = FILES[kind]
    spoil(job.sqlite)
    before = job.sqlite.read_bytes() if job.sqlite.exists() else b""
    need_refusal(job, job.run(command), 11, *words)
    assert (job.sqlite.read_bytes() if job.sqlite.exists() else b"") == before
    assert job.server.holds_nothing(job.database)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_corrupt_file_is_refused(job: Job, command: str) -> None:
    corrupt(job.sqlite)
    need_refusal(job, job.run(command), 11, "is corrupt", "restore a backup")
    assert job.server.holds_nothing(job.database)


SCRIPTS = {
    "wrong revision": ("UPDATE alembic_version SET version_num = '451aebb31d03'", "run site.yml with this image first"),
    "newer than the image": ("UPDATE alembic_version SET version_num = 'ffffffffffff'", "a newer MLflow wrote it"),
    "no revision": ("DELETE FROM alembic_version", "has 0 revisions"),
    "not MLflow's": ("DROP TABLE alembic_version", "it is not MLflow's"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_file_of_another_revision_is_refused(job: Job, change: Change, kind: str, command: str) -> None:
    script, words = SCRIPTS[kind]
    change(job.sqlite, script)
    need_refusal(job, job.run(command), 11, words)
    assert job.server.holds_nothing(job.database)


def test_tables_that_mlflow_does_not_make_are_refused_and_left_behind_if_wished(job: Job, change: Change) -> None:
    change(job.sqlite, "CREATE TABLE strangers (a); INSERT INTO strangers VALUES (1)")
    need_refusal(job, job.run("preflight"), 11, "strangers (1 rows)", "MIGRATION_IGNORED_TABLES=strangers")
    assert job.run("migrate", MIGRATION_IGNORED_TABLES="strangers").code == 0


TARGETS = {
    "wrong password": ({"PGPASSWORD": "wrong"}, ("refuses user mlflow's password",)),
    "wrong user": ({"PGUSER": "nobody"}, ("refuses user nobody's password",)),
    "no database": ({"PGDATABASE": "nowhere"}, ("has no database nowhere",)),
    "not reachable": ({"PGPORT": "1"}, ("cannot be reached",)),
    "no right to create": ({"PGDATABASE": "postgres"}, ("may not create tables", "OWNER TO mlflow")),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", TARGETS)
def test_a_target_that_cannot_be_used_is_refused(job: Job, kind: str, command: str) -> None:
    settings, words = TARGETS[kind]
    before = job.digest()
    need_refusal(job, job.run(command, **settings), 12, *words)
    assert job.digest() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_target_that_holds_rows_is_refused(job: Job, command: str) -> None:
    job.server.run(
        job.database, "CREATE TABLE runs (a int); INSERT INTO runs VALUES (1); ALTER TABLE runs OWNER TO mlflow"
    )
    need_refusal(job, job.run(command), 12, "holds rows in 1 of MLflow's tables", "runs (1)")
    assert job.server.run(job.database, "SELECT count(*) FROM runs") == ["1"]


def test_a_target_of_another_encoding_is_refused(job: Job) -> None:
    job.database = job.server.new_database("OWNER mlflow ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    need_refusal(job, job.run("preflight"), 12, "is encoded as LATIN1")


def test_a_target_disk_that_is_full_takes_everything_back(
    image: str, postgres_image: str, filled: Path, tmp_path: Path
) -> None:
    with postgres_server.running(postgres_image, free_port(), tmp_path / "server", size="200m") as server:
        job = new_job(image, server, filled, tmp_path)
        before = job.digest()
        server.shell("dd if=/dev/zero of=/data/filler bs=64k 2>/dev/null; truncate -s -6M /data/filler")
        outcome = job.run("migrate")
        need_refusal(job, outcome, 1, "run the same command again")
        assert job.digest() == before
        server.shell("rm /data/filler")
        server.wait_until_it_answers()
        assert server.holds_nothing(job.database)
        assert job.run("migrate").code == 0


def test_a_target_that_is_known_to_be_too_small_is_refused(job: Job) -> None:
    outcome = job.run("preflight", MIGRATION_TARGET_FREE_BYTES="1000000")
    need_refusal(job, outcome, 13, "PostgreSQL's volume has 0 MiB free", "postgres_size")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_volume_without_room_for_the_copy_is_refused(job: Job, command: str) -> None:
    process = job.start(
        "-m", "migration", command, options=("--tmpfs", "/small:size=1m"), settings={"MIGRATION_FOLDER": "/small"}
    )
    need_refusal(job, ended(process), 13, "/small has 1 MiB free", "persistence_size")
    assert job.server.holds_nothing(job.database)


def test_too_little_memory_is_refused(job: Job) -> None:
    outcome = ended(job.start("-m", "migration", "preflight", options=("--memory", "100m")))
    need_refusal(job, outcome, 13, "has 100 MiB of memory", "raise its limit")


def test_a_file_that_is_in_use_is_refused(job: Job) -> None:
    program = (
        "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen(["python3", "-c", program, str(job.sqlite)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        outcome = job.run("migrate", MIGRATION_LOCK_SECONDS="1")
        need_refusal(job, outcome, 14, "is in use by another program", "stop MLflow first")
    finally:
        holder.kill()
        holder.wait()
    assert job.server.holds_nothing(job.database)


def test_two_migrations_at_once_are_refused(image: str, server: PostgresServer, filled: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one, other = (new_job(image, server, filled, tmp_path / name) for name in ("one", "other"))
    other.database = one.database
    process = one.start("/tests/killed.py", "pause", "250", "migrate")
    holding = paused(one, process)
    need_refusal(one, one.run("migrate"), 14, "Another migration works in /data/migration")
    need_refusal(other, other.run("migrate"), 14, "Another migration to database", "is running")
    need_refusal(other, other.run("preflight"), 14, "Another migration to database", "is running")
    holding.unlink()
    outcome = ended(process)
    assert outcome.code == 0, outcome.output


@pytest.mark.parametrize(
    ("name", "value"),
    [("MIGRATION_SCHEMA", "other"), ("MIGRATION_BAD_ROWS", "drop"), ("MIGRATION_LOCK_SECONDS", "soon")],
)
def test_a_setting_without_sense_is_refused_by_its_name(job: Job, name: str, value: str) -> None:
    outcome = job.run("preflight", **{name: value})
    assert outcome.code == 2
    assert f"{name} is '{value}'" in outcome.output
    assert "Traceback" not in outcome.output
