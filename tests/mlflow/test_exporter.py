"""The exporter beside MLflow, in MLflow's image: on a real SQLite file, before a server whose API fails."""

from __future__ import annotations

import contextlib
import http.server
import re
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

ROOT = Path(__file__).parents[2]
TABLES = """
CREATE TABLE runs (status TEXT, lifecycle_stage TEXT, start_time INTEGER);
CREATE TABLE experiments (lifecycle_stage TEXT);
CREATE TABLE registered_models (name TEXT);
CREATE TABLE model_versions (name TEXT);
CREATE TABLE metrics (value REAL);
CREATE TABLE alembic_version (version_num TEXT);
INSERT INTO alembic_version VALUES ('abc');
INSERT INTO runs VALUES ('RUNNING', 'active', 1000), ('RUNNING', 'deleted', 1), ('FINISHED', 'active', 1);
"""


class Answer(http.server.BaseHTTPRequestHandler):
    """200 for /health, 500 for everything else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 500)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("database")
    folder.chmod(0o777)
    with contextlib.closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        connection.executescript(TABLES)
    (folder / "mlflow.db").chmod(0o666)
    return folder / "mlflow.db"


Wait = Callable[[str, float], None]


@pytest.fixture(scope="module")
def exporter(image: str, server: str, database: Path) -> Iterator[tuple[str, int]]:
    """The id of its container, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    mounts = [f"--volume={database.parent}:/mlflow", f"--volume={ROOT / 'roles/mlflow/files'}:/program:ro"]
    confined = ["--read-only", "--user=1000", "--cap-drop=ALL", "--network=host"]
    program = ["python", "/program/exporter.py", f"--server={server}", "--database=/mlflow/mlflow.db"]
    command = ["docker", "run", "--detach", *confined, *mounts, image, *program]
    started = subprocess.run([*command, f"--port={port}", "--interval=0.2"], capture_output=True, text=True, check=True)
    container = started.stdout.strip()
    try:
        yield container, port
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)


@pytest.fixture(scope="module")
def wait_for(exporter: tuple[str, int]) -> Wait:
    """Waits until the exporter says a line."""

    def wait_for(line: str, seconds: float) -> None:
        deadline, said = time.monotonic() + seconds, ""
        while not re.search(f"^{re.escape(line)}$", said, re.MULTILINE):
            assert time.monotonic() < deadline, said
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                said = urllib3.request("GET", f"http://127.0.0.1:{exporter[1]}/metrics", retries=False).data.decode()
            time.sleep(0.1)

    return wait_for


def test_tells_health_from_an_api_that_fails(wait_for: Wait) -> None:
    wait_for('mlflow_probe_success{check="health"} 1.0', 30)
    wait_for('mlflow_probe_success{check="api"} 0.0', 5)


@pytest.mark.parametrize(
    "line",
    [
        'mlflow_runs{status="RUNNING"} 1.0',
        'mlflow_runs{status="FINISHED"} 1.0',
        'mlflow_runs{status="FAILED"} 0.0',
        'mlflow_schema_info{revision="abc"} 1.0',
        "mlflow_metric_rows 0.0",
    ],
)
def test_counts_what_is_active(wait_for: Wait, line: str) -> None:
    wait_for(line, 30)


def test_reads_a_database_again_as_soon_as_it_is_no_longer_locked(wait_for: Wait, database: Path) -> None:
    wait_for("mlflow_database_readable 1.0", 30)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        wait_for("mlflow_database_readable 0.0", 20)
    wait_for("mlflow_database_readable 1.0", 15)


# The last one, as it takes away the exporter of all of them.
def test_ends_when_it_is_told_to(exporter: tuple[str, int], wait_for: Wait) -> None:
    wait_for("mlflow_database_readable 1.0", 30)
    stopped = ["docker", "stop", "--time=20", exporter[0]]
    subprocess.run(stopped, capture_output=True, check=True)
    code = ["docker", "inspect", "--format={{.State.ExitCode}}", exporter[0]]
    # One that has to be killed ends with 137.
    assert subprocess.run(code, capture_output=True, text=True, check=True).stdout.strip() == "0"
