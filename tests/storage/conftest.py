"""A real MinIO for the tests of the storage modules, and the modules run as Ansible runs them."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from server_process import free_address, wait_until_answers

from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, Storage

ROOT = Path(__file__).parents[2]
START_SECONDS = 30

RunModule = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Server:
    """A running server and its root keys."""

    url: str
    root: Keys

    def as_user(self, access_key: str, secret_key: str) -> Storage:
        return Storage(self.url, Keys(access_key, secret_key, "a test"))

    @property
    def storage(self) -> Storage:
        return Storage(self.url, self.root)


def minio_binary() -> str:
    """The server's binary: MINIO_BINARY, or the one that images/build.py makes."""
    given = os.environ.get("MINIO_BINARY")
    if given:
        return given
    built = subprocess.run(
        [sys.executable, "images/build.py", "binary", "minio"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return built.stdout.strip().splitlines()[-1]


@contextmanager
def running_server(folder: Path, **settings: str) -> Iterator[Server]:
    """A MinIO on a free port, its data in `folder`, with settings in its environment."""
    address = free_address()
    root = Keys("test-root", secrets.token_hex(16), "the fixture")
    environment = {**os.environ, "MINIO_ROOT_USER": root.access_key, "MINIO_ROOT_PASSWORD": root.secret_key}
    process = subprocess.Popen(
        [minio_binary(), "server", "--quiet", "--address", address, str(folder)],
        env={**environment, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off", **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_answers(f"http://{address}/minio/health/ready", process, START_SECONDS)
        yield Server(f"http://{address}", root)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("minio")) as server:
        yield server


@pytest.fixture
def server_of_another_region(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path, MINIO_SITE_REGION="eu-west-1") as server:
        yield server


@pytest.fixture
def web_page() -> Iterator[str]:
    """The address of a server that is no S3 server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


@pytest.fixture
def bucket(server: Server) -> str:
    """The name of a bucket that no other test uses, and that is not there yet."""
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture
def run_module(server: Server) -> RunModule:
    """Runs a storage module in a process of its own, as root unless keys are given; answers with its result."""

    def run(name: str, *, check: bool = False, **parameters: Any) -> dict[str, Any]:
        connection = {
            "endpoint": server.url,
            "access_key": server.root.access_key,
            "secret_key": server.root.secret_key,
        }
        if "credentials" in parameters:
            connection = {"endpoint": server.url}
        arguments = {**connection, **parameters, "_ansible_check_mode": check, "_ansible_diff": True}
        done = subprocess.run(
            [sys.executable, "-m", f"ansible_collections.mlops.tracking.plugins.modules.{name}"],
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
