"""The stack of molecule's scenario `drift`: its check, foreign hands on it, and its audit log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "stack"))
sys.path.insert(0, str(Path(__file__).parent))

from checks import Checks

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import SecretReference
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import KeysReference, Storage, Target

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with Cluster(os.environ.get("KUBECONFIG"), os.environ.get("KUBERNETES_CONTEXT")) as cluster:
        yield cluster


@pytest.fixture
def checks(tmp_path: Path) -> Checks:
    return Checks(tmp_path)


class Kubectl:
    """kubectl as a person runs it; `as_check` with the rights of the scheduled check."""

    def __init__(self, program: str) -> None:
        self.program = program

    def __call__(self, *arguments: str, as_check: bool = False, fails: bool = False, **environment: str) -> str:
        whose = ["--as=system:serviceaccount:monitoring:tracking-drift"] if as_check else []
        context = os.environ.get("KUBERNETES_CONTEXT")
        where = [f"--context={context}"] if context else []
        command = [self.program, *where, *whose, *arguments]
        more = {**os.environ, **environment}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180, env=more)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def patch(self, kind: str, namespace: str, name: str, patch: object, how: str = "merge") -> None:
        self("patch", kind, name, "-n", namespace, f"--type={how}", "-p", json.dumps(patch))


@pytest.fixture(scope="session")
def kubectl() -> Kubectl:
    command = [sys.executable, str(ROOT / "images/build.py"), "tool", "kubectl"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Kubectl(built.stdout.strip().splitlines()[-1])


@pytest.fixture
def storage(cluster: Cluster) -> Iterator[Storage]:
    """MinIO as root."""
    keys = KeysReference(SecretReference("storage", "minio-root"), "root-user", "root-password")
    target = Target("http://minio.storage.svc.cluster.local:9000", "us-east-1", keys)
    with target.connect(cluster) as storage:
        yield storage
