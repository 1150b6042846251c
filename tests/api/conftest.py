"""The fixtures of the API tests: a server for the session, a namespace and an engine for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from api_server import ApiServer, running_api_server
from engine import Engine

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
