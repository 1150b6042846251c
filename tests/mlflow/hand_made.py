"""An MLflow that somebody started by hand, in a container, and both ends of an adoption."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from process_pipe import ProcessPipe
from server_process import free_address, wait_until_answers

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import NEW_SIDE, OLD_SIDE, Remote, command


class ProcessChannel(ProcessPipe):
    """That of a container, which may break."""

    @property
    def complaint(self) -> str:
        return f"exit code {self.process.poll()}"

    def close(self) -> None:
        """As the API server does where ansible-playbook was killed: the connection breaks."""
        self.process.kill()
        self.process.communicate()


@dataclass(frozen=True)
class HandMade:
    """The container's name, and where it answers."""

    name: str
    url: str

    def old_side(self) -> Remote:
        channel = ProcessChannel("docker", "exec", "-i", self.name, *command("python3"))
        return Remote(channel, OLD_SIDE, "the old server's container")

    def run(self, program: str) -> str:
        done = subprocess.run(
            ["docker", "exec", self.name, "python3", "-c", program], capture_output=True, text=True, check=True
        )
        return done.stdout

    def kill(self) -> None:
        subprocess.run(["docker", "rm", "--force", self.name], check=False, capture_output=True)


@contextlib.contextmanager
def started(image: str, *options: str) -> Iterator[HandMade]:
    """`mlflow server` in a folder of its own, and nothing said of where it keeps things unless `options` do."""
    address = free_address()
    made = HandMade(f"test-hand-made-{secrets.token_hex(4)}", f"http://{address}")
    host, port = address.split(":")
    process = subprocess.Popen(
        [
            *("docker", "run", "--rm", "--name", made.name, "--network", "host", "--user", "1000"),
            *("--workdir", "/tmp", "--env", "HOME=/tmp"),
            *("--env", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false", "--env", "MLFLOW_DISABLE_TELEMETRY=true"),
            *(image, "mlflow", "server", f"--host={host}", f"--port={port}", "--workers=2", *options),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_answers(f"{made.url}/health", process)
        yield made
    finally:
        made.kill()
        process.wait(30)


@contextlib.contextmanager
def new_side(image: str, volume: Path) -> Iterator[Remote]:
    """The program beside an empty claim."""
    words = ("docker", "run", "-i", "--rm", "--user", "1000", "--env", "HOME=/tmp", "--volume", f"{volume}:/mlflow")
    channel = ProcessChannel(*words, image, *command("python", "/mlflow/mlflow.db"))
    with Remote(channel, NEW_SIDE, "the new pod") as remote:
        yield remote
