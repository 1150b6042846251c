"""An MLflow that somebody started by hand, in a container, a client that writes to it, and both ends of an adoption."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from server_process import free_address, wait_until_answers

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import NEW_SIDE, OLD_SIDE, Remote, command
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import MlflowError, Transport

EVERY_SECONDS = 0.05


class ProcessChannel:
    """A program's standard input and output."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.read1(1 << 18)  # type: ignore[attr-defined]

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


@dataclass
class Writer:
    """A client that makes a run with a param and a metric every 0.05 s. acknowledged: {run: (number, what of it)}."""

    url: str
    acknowledged: dict[str, tuple[int, set[str]]] = field(default_factory=dict)
    refusals: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(60)

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Until so many more runs are acknowledged."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, f"{len(self.acknowledged)} of {wanted} runs were written"
            time.sleep(0.05)

    def _write(self) -> None:
        number = 0
        with Transport(self.url, timeout=5.0) as transport:
            while not self._is_over.is_set():
                number += 1
                with contextlib.suppress(MlflowError):
                    self._one(transport, number)
                    continue
                self.refusals += 1
                self._is_over.wait(EVERY_SECONDS)

    def _one(self, transport: Transport, number: int) -> None:
        made = transport.post("runs/create", {"experiment_id": "0", "run_name": f"run-{number}"})
        run = made["run"]["info"]["run_id"]
        done: set[str] = set()
        self.acknowledged[run] = (number, done)
        transport.post("runs/log-parameter", {"run_id": run, "key": "number", "value": str(number)})
        done.add("param")
        transport.post(
            "runs/log-metric", {"run_id": run, "key": "loss", "value": 1 / number, "timestamp": 1, "step": 0}
        )
        done.add("metric")
        transport.post("runs/update", {"run_id": run, "status": "FINISHED"})
        done.add("end")
        self._is_over.wait(EVERY_SECONDS)
