"""A real MLflow in a container, a real MinIO beside it, and a real training that logged to both."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from server_process import free_address, wait_until_answers

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, Storage

ROOT = Path(__file__).parents[2]
BUCKET = "training-results"
PREFIX = "mlflow-artifacts"

RunModule = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Stack:
    """MLflow and MinIO, both listening on this machine's loopback."""

    image: str
    mlflow_url: str
    minio_url: str
    keys: Keys = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What a client's container needs."""
        return {
            "HOME": "/tmp",
            "MLFLOW_TRACKING_URI": self.mlflow_url,
            "MLFLOW_S3_ENDPOINT_URL": self.minio_url,
            "AWS_ACCESS_KEY_ID": self.keys.access_key,
            "AWS_SECRET_ACCESS_KEY": self.keys.secret_key,
        }

    @property
    def storage(self) -> Storage:
        return Storage(self.minio_url, self.keys)


def built(kind: str, name: str) -> str:
    """What images/build.py made; it is made now where it is missing."""
    command = [sys.executable, "images/build.py", kind, name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="session")
def image() -> str:
    """The MLflow image: MLFLOW_IMAGE, or the one the local cluster runs, or the one that is built."""
    in_use = ROOT / "inventory/local/group_vars/clusters/images.yml"
    chosen = yaml.safe_load(in_use.read_text(encoding="utf-8")) if in_use.is_file() else {}
    return os.environ.get("MLFLOW_IMAGE") or chosen.get("mlflow_image") or built("image", "mlflow")


def container(image: str, *command: str, environment: Mapping[str, str], options: tuple[str, ...] = ()) -> list[str]:
    """The command line of a container on this machine's network, confined as the pods are."""
    variables = [part for name in environment for part in ("--env", name)]
    confined = ["--read-only", "--tmpfs", "/tmp:exec", "--user", "1000", "--cap-drop", "ALL", "--network", "host"]
    return ["docker", "run", "--rm", *confined, *variables, *options, image, *command]


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Keys]]:
    address = free_address()
    keys = Keys("test-root", secrets.token_hex(16), "the fixture")
    binary = os.environ.get("MINIO_BINARY") or built("binary", "minio")
    process = subprocess.Popen(
        [binary, "server", "--quiet", "--address", address, str(tmp_path_factory.mktemp("minio"))],
        env={**os.environ, "MINIO_ROOT_USER": keys.access_key, "MINIO_ROOT_PASSWORD": keys.secret_key},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_answers(f"http://{address}/minio/health/ready", process)
        Storage(f"http://{address}", keys).s3.make_bucket(BUCKET)
        yield f"http://{address}", keys
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def stack(image: str, minio: tuple[str, Keys]) -> Iterator[Stack]:
    address = free_address()
    stack = Stack(image, f"http://{address}", *minio)
    name = f"test-mlflow-{secrets.token_hex(4)}"
    host, port = address.split(":")
    environment = {**stack.environment, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    command = container(
        image,
        *("mlflow", "server", f"--host={host}", f"--port={port}", "--workers=1", "--serve-artifacts"),
        *(f"--artifacts-destination=s3://{BUCKET}/{PREFIX}", "--backend-store-uri=sqlite:////tmp/mlflow.db"),
        f"--allowed-hosts=127.0.0.1:{port},mlflow.example:5000",
        environment=environment,
        options=("--name", name),
    )
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        wait_until_answers(f"http://{address}/health", process)
        yield stack
    finally:
        subprocess.run(["docker", "rm", "--force", name], check=False, capture_output=True)
        process.wait(30)


@pytest.fixture(scope="session")
def proof(stack: Stack) -> dict[str, Any]:
    """What a run of the proof program says it wrote."""
    command = container(
        stack.image,
        *("python", "/proof/proof.py", "--state=test"),
        environment=stack.environment,
        options=("--volume", f"{ROOT / 'roles/training/files'}:/proof:ro"),
    )
    done = subprocess.run(command, env={**os.environ, **stack.environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    encoded = done.stdout.strip().splitlines()[-1].removeprefix("evidence ")
    evidence: dict[str, Any] = json.loads(base64.b64decode(encoded))
    return evidence


@pytest.fixture
def client(stack: Stack) -> Iterator[MlflowClient]:
    with Transport(stack.mlflow_url) as transport:
        yield MlflowClient(transport)


@pytest.fixture
def mlflow_check(stack: Stack) -> RunModule:
    """Runs module mlflow_check in a process of its own and answers with its result."""

    def run(**parameters: Any) -> dict[str, Any]:
        arguments = {"tracking_uri": stack.mlflow_url, **parameters, "_ansible_check_mode": True}
        done = subprocess.run(
            [sys.executable, "-m", "ansible_collections.mlops.tracking.plugins.modules.mlflow_check"],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip(), done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return run
