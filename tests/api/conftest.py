"""The fixtures of the API tests: a server for the session, a namespace and an engine for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_server import ApiServer, running_api_server
from engine import Engine
from fault_proxy import FaultProxy, fault_proxy
from objects_to_apply import deployment

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with running_api_server(tmp_path_factory.mktemp("kubernetes")) as started:
        yield started


@pytest.fixture
def engine(server: ApiServer) -> Iterator[Engine]:
    """The engine as user `all`, and a namespace of the test's own that exists."""
    with Engine(server, f"test-{next(_numbers)}") as started:
        started.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": started.namespace}})
        yield started


@pytest.fixture
def proxy(server: ApiServer) -> Iterator[FaultProxy]:
    """A proxy before the server that does what it is told to its requests."""
    with fault_proxy(server) as running:
        yield running


@pytest.fixture
def faulty(engine: Engine, proxy: FaultProxy, server: ApiServer) -> Iterator[Engine]:
    """The engine, with the proxy between it and the server."""
    cluster = Cluster(server.kubeconfig_through(proxy.url), request_timeout=2, retry_timeout=20)
    with Engine(server, engine.namespace, cluster=cluster) as through:
        yield through


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """For a wait that goes on while the test acts."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def made(engine: Engine) -> JSON:
    """A Deployment nobody has rolled out: this server has no controllers, so the tests are them."""
    return engine.create(deployment(engine.namespace))
