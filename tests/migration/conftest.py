"""A real PostgreSQL, databases that a real MLflow filled, and the program as its Job runs it: in MLflow's image."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import postgres_server
import pytest
import yaml
from migration_job import ROOT, TESTS, Job, Outcome, built, free_port, new_job
from postgres_server import PostgresServer

METRIC_ROWS = 20_000
SEED = 5

# {file: how it is filled}
FILLED = {"mlflow.db": ("fill.py", str(METRIC_ROWS), str(SEED)), "auth.db": ("fill_auth.py",)}


@pytest.fixture(scope="session")
def image() -> str:
    """The MLflow image: MLFLOW_IMAGE, or the one the local cluster runs, or the one that is built."""
    in_use = ROOT / "inventory/local/group_vars/clusters/images.yml"
    chosen = yaml.safe_load(in_use.read_text(encoding="utf-8")) if in_use.is_file() else {}
    return os.environ.get("MLFLOW_IMAGE") or chosen.get("mlflow_image") or built("mlflow")


@pytest.fixture(scope="session")
def postgres_image() -> str:
    return os.environ.get("POSTGRES_IMAGE") or built("postgres")


@pytest.fixture(scope="session")
def server(postgres_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    with postgres_server.running(postgres_image, free_port(), tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def filled(image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with databases of both kinds, every table of which has rows."""
    folder = tmp_path_factory.mktemp("filled")
    folder.chmod(0o777)
    for file, (program, *arguments) in FILLED.items():
        options = ["--read-only", "--tmpfs", "/tmp", "--user", "1000", "--network", "none", "--env", "USER=test"]
        mounts = ["--volume", f"{folder}:/data", "--volume", f"{TESTS}:/tests:ro"]
        command = ["docker", "run", "--rm", *options, *mounts, image, "python", f"/tests/{program}", f"/data/{file}"]
        done = subprocess.run([*command, *arguments], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def job(image: str, server: PostgresServer, filled: Path, tmp_path: Path) -> Job:
    """A volume with a copy of the filled database, and an empty database as its target."""
    return new_job(image, server, filled, tmp_path)


@pytest.fixture(scope="session")
def change() -> Callable[[Path, str], None]:
    """Runs a script on an SQLite file as a program would that does not mind constraints."""

    def change(path: Path, script: str) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"PRAGMA ignore_check_constraints = 1; {script}")

    return change


@pytest.fixture(scope="module")
def migrated(
    image: str, server: PostgresServer, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Job, Outcome]:
    """A migration that went well."""
    job = new_job(image, server, filled, tmp_path_factory.mktemp("migrated"))
    return job, job.run("migrate")
