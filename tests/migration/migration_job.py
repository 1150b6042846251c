"""The program as its Job runs it: in MLflow's image, with a volume and a target."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postgres_server import PostgresServer

ROOT = Path(__file__).parents[2]
TESTS = Path(__file__).parent
PROGRAM = ROOT / "plugins/module_utils/migration"


@dataclass
class Outcome:
    """How a run of the program ended."""

    code: int
    output: str = field(repr=False)

    @property
    def report(self) -> dict[str, Any]:
        """What its last line holds."""
        packed = next(line for line in reversed(self.output.splitlines()) if line.startswith("report: "))
        report: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed.removeprefix("report: "))))
        return report

    @property
    def sentence(self) -> str:
        sentence: str = self.report["sentence"]
        return sentence

    @property
    def digests(self) -> dict[str, Any]:
        """{table: {rows, digest}}."""
        tables: dict[str, Any] = self.report["tables"]
        return tables


@dataclass
class Job:
    """The program with its volume, which holds the SQLite file, and its target."""

    image: str
    volume: Path
    server: PostgresServer
    database: str
    file: str = "mlflow.db"
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def sqlite(self) -> Path:
        return self.volume / self.file

    @property
    def journal(self) -> dict[str, Any]:
        path = self.volume / "migration/journal.json"
        content: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"phase": "new"}
        return content

    def digest(self) -> str:
        """Of the SQLite file's bytes."""
        return hashlib.sha256(self.sqlite.read_bytes()).hexdigest()

    def run(self, command: str, **settings: str) -> Outcome:
        """To its end."""
        return ended(self.start("-m", "migration", command, settings=settings))

    def start(
        self, *arguments: str, name: str = "", options: tuple[str, ...] = (), settings: dict[str, str] | None = None
    ) -> Any:
        """`python ARGUMENTS` in the image, confined as the pod is."""
        environment = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.server.port),
            "PGDATABASE": self.database,
            "PGUSER": "mlflow",
            "PGPASSWORD": self.server.password,
            "MIGRATION_SQLITE": f"/data/{self.file}",
            **self.settings,
            **(settings or {}),
        }
        confined = ["--read-only", "--tmpfs", "/tmp:exec", "--user", "1000", "--cap-drop", "ALL", "--network", "host"]
        mounts = [f"{self.volume}:/data", f"{PROGRAM}:/program/migration:ro", f"{TESTS}:/tests:ro"]
        command = [
            "docker",
            "run",
            "--rm",
            "--init",
            "--name",
            name or f"test-migration-{secrets.token_hex(4)}",
            *confined,
        ]
        command += [part for mount in mounts for part in ("--volume", mount)]
        command += [part for variable in environment for part in ("--env", variable)]
        command += ["--env", "PYTHONPATH=/program", "--workdir", "/program", *options, self.image, "python", *arguments]
        return subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


def paused(job: Job, process: Any) -> Path:
    """The file that holds killed.py's program still, as soon as it is there; without it the program goes on."""
    path = job.volume / "paused"
    while not path.exists():
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)
    return path


def ended(process: Any) -> Outcome:
    output, _ = process.communicate(timeout=300)
    return Outcome(process.returncode, output)


def new_job(image: str, server: PostgresServer, filled: Path, folder: Path, file: str = "mlflow.db") -> Job:
    volume = folder / "volume"
    volume.mkdir()
    volume.chmod(0o777)
    shutil.copy(filled / file, volume / file)
    (volume / file).chmod(0o666)
    return Job(image, volume, server, server.new_database(), file)


def built(name: str) -> str:
    """The image that images/build.py made; it is made now where it is missing."""
    command = [sys.executable, "images/build.py", "image", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
