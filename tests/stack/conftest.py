"""The running stack: its cluster, and its MLflow and storage as reached through tunnels."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from workloads import image_of_workloads

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import SecretReference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import KeysReference, Storage, Target

TRACKING_URI = "http://mlflow.monitoring.svc.cluster.local:5000"
STORAGE_ENDPOINT = "http://minio.storage.svc.cluster.local:9000"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster of KUBECONFIG and, where it is not the current context there, of KUBERNETES_CONTEXT."""
    with Cluster(os.environ.get("KUBECONFIG"), os.environ.get("KUBERNETES_CONTEXT")) as cluster:
        yield cluster


@pytest.fixture
def mlflow(cluster: Cluster) -> Iterator[MlflowClient]:
    """The server, asked by the name it has in the cluster. Each test has its own tunnel: pods come and go."""
    with (
        reach(cluster, TRACKING_URI) as reached,
        Transport(reached.url, host_header=reached.host_header) as transport,
    ):
        yield MlflowClient(transport)


@pytest.fixture
def storage_of_jobs(cluster: Cluster) -> Iterator[Storage]:
    """The storage as training Jobs may use it."""
    keys = KeysReference(SecretReference("training", "r2-credentials"))
    with Target(STORAGE_ENDPOINT, "us-east-1", keys).connect(cluster) as storage:
        yield storage


@pytest.fixture(scope="module")
def image(cluster: Cluster) -> str:
    """What the engine's own workloads run."""
    return image_of_workloads(cluster)


@pytest.fixture
def name(cluster: Cluster) -> Iterator[str]:
    """The name of a namespace, which is deleted afterwards."""
    made = f"engine-{secrets.token_hex(4)}"
    yield made
    cluster.request("DELETE", f"/api/v1/namespaces/{made}")
