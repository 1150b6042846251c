"""A registry counts as there only when it answers as one, soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ansible_collections.mlops.tracking.images.builder import registry


class Handler(BaseHTTPRequestHandler):
    """Answers with the status and headers that the server was given, after its delay."""

    def do_GET(self) -> None:
        status, headers, delay = self.server.behaviour  # type: ignore[attr-defined]
        time.sleep(delay)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield listening
    listening.shutdown()
    listening.server_close()


def is_silent(server: ThreadingHTTPServer, status: int, headers: dict[str, str], delay: float = 0) -> bool:
    server.behaviour = (status, headers, delay)  # type: ignore[attr-defined]
    host = f"127.0.0.1:{server.server_port}"
    return registry.silent([host], timeout=0.5) == [host]


def test_is_there_when_it_answers_or_asks_who_one_is(server: ThreadingHTTPServer) -> None:
    assert not is_silent(server, 200, {})
    assert not is_silent(server, 401, {"WWW-Authenticate": 'Bearer realm="x"'})


@pytest.mark.parametrize("status", [401, 403, 404, 502])
def test_is_not_there_when_something_else_answers_in_its_place(server: ThreadingHTTPServer, status: int) -> None:
    assert is_silent(server, status, {})


def test_is_not_there_when_it_does_not_answer_in_time(server: ThreadingHTTPServer) -> None:
    began = time.monotonic()
    assert is_silent(server, 200, {}, delay=2)
    assert time.monotonic() - began < 1.5


def test_is_not_there_when_nothing_listens() -> None:
    assert registry.silent(["127.0.0.1:9"], timeout=0.5) == ["127.0.0.1:9"]


def test_finds_each_registry_of_some_references_once() -> None:
    references = ["docker.io/kindest/node:v1", "quay.io/minio/minio:a@sha256:b", "quay.io/other:c"]
    assert registry.hosts(references) == ("quay.io", "registry-1.docker.io")
