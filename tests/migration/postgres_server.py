"""A real PostgreSQL in a container, whose data outlive it being killed."""

from __future__ import annotations

import itertools
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

USER_ID = 999
START = "test -f /data/PG_VERSION || initdb -D /data -U postgres -A scram-sha-256 --pwfile=/password -E UTF8 --no-sync"
# Processes are killed here and never the machine, so nothing has to reach the disk.
SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=/tmp", "fsync=off")


@dataclass
class PostgresServer:
    """Listens on this machine's loopback. `password` is the one of its users postgres and mlflow."""

    image: str
    port: int
    data: tuple[str, ...]
    password_file: Path
    password: str = field(default_factory=lambda: secrets.token_hex(12), repr=False)
    name: str = field(default_factory=lambda: f"test-postgres-{secrets.token_hex(4)}")
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        settings = " ".join(f"-c {setting}" for setting in SETTINGS)
        program = f"{START} && exec postgres -D /data -p {self.port} {settings}"
        options = ["--detach", "--rm", "--name", self.name]
        options += ["--user", str(USER_ID), "--network", "host", "--volume", f"{self.password_file}:/password:ro"]
        subprocess.run(
            ["docker", "run", *options, *self.data, self.image, "sh", "-c", program], check=True, capture_output=True
        )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while self._psql("postgres", "SELECT 1").returncode:
            assert time.monotonic() < deadline, "PostgreSQL does not start"
            time.sleep(0.1)

    def shell(self, script: str) -> None:
        """Runs a script beside it."""
        subprocess.run(["docker", "exec", self.name, "sh", "-c", script], check=True, capture_output=True)

    def log(self) -> str:
        """Everything that it has written so far."""
        done = subprocess.run(["docker", "logs", self.name], check=True, capture_output=True, text=True)
        return done.stdout + done.stderr

    def kill(self) -> None:
        """All of its processes at once."""
        subprocess.run(["docker", "kill", self.name], check=False, capture_output=True)
        while subprocess.run(["docker", "inspect", self.name], check=False, capture_output=True).returncode == 0:
            time.sleep(0.05)

    def new_database(self, options: str = "OWNER mlflow") -> str:
        """An empty one of its own."""
        name = f"test_{next(self._numbers)}"
        self.run("postgres", f"CREATE DATABASE {name} {options}")
        return name

    def run(self, database: str, statement: str) -> list[str]:
        """The rows of a statement as text, run as the superuser."""
        done = self._psql(database, statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def holds_nothing(self, database: str) -> bool:
        """Nobody has made a table, a schema or a sequence there."""
        query = (
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'"
        )
        return self.run(database, query) == ["0"]

    def address(self, database: str) -> str:
        """For libpq's programs, as the superuser."""
        return f"host=127.0.0.1 port={self.port} dbname={database} user=postgres password={self.password}"

    def _psql(self, database: str, statement: str) -> subprocess.CompletedProcess[str]:
        command = [
            "docker",
            "exec",
            self.name,
            "psql",
            self.address(database),
            "-v",
            "ON_ERROR_STOP=1",
            "-qAtc",
            statement,
        ]
        return subprocess.run(command, check=False, capture_output=True, text=True)


@contextmanager
def running(image: str, port: int, folder: Path, size: str = "") -> Iterator[PostgresServer]:
    """A server of its own, with a user mlflow. size: of a disk of its own in memory, else it lies in `folder`."""
    data, password = folder / "data", folder / "password"
    data.mkdir(parents=True)
    shutil.chown(data, USER_ID, USER_ID)
    mount = ("--tmpfs", f"/data:size={size},uid={USER_ID},mode=700") if size else ("--volume", f"{data}:/data")
    server = PostgresServer(image, port, mount, password)
    password.write_text(server.password)
    password.chmod(0o644)
    try:
        server.start()
        server.run("postgres", f"CREATE ROLE mlflow LOGIN PASSWORD '{server.password}'")
        yield server
    finally:
        server.kill()
