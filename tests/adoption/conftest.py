"""The cluster of this scenario. What is on it, the tests make."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "stack"))
sys.path.insert(0, str(Path(__file__).parents[1] / "mlflow"))

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster of KUBECONFIG and, where it is not the current context there, of KUBERNETES_CONTEXT."""
    with Cluster(os.environ.get("KUBECONFIG"), os.environ.get("KUBERNETES_CONTEXT")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def image() -> str:
    """MLflow's image on this cluster."""
    written = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "images.yml"
    chosen: str = yaml.safe_load(written.read_text(encoding="utf-8"))["mlflow_image"]
    return chosen


@pytest.fixture(scope="session")
def url() -> str:
    """Where MLflow answers on this machine, whoever made it: both have the same NodePort."""
    return f"http://{os.environ.get('NODE_ADDRESS', '127.0.0.5')}:30500"
