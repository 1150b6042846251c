"""The running stack, whose MLflow is on SQLite when the tests begin."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster of KUBECONFIG and, where it is not the current context there, of KUBERNETES_CONTEXT."""
    with Cluster(os.environ.get("KUBECONFIG"), os.environ.get("KUBERNETES_CONTEXT")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """{variable: reference} of the images that the cluster has."""
    folder = os.environ.get("MOLECULE_EPHEMERAL_DIRECTORY")
    path = Path(folder) / "images.yml" if folder else ROOT / "inventory/local/group_vars/clusters/images.yml"
    found: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
