"""A proxy before the API server that does to chosen requests what networks and busy servers do."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3
from api_server import ApiServer

Fault = Callable[["_Handler"], None]
_HOP_BY_HOP = {"transfer-encoding", "connection", "content-length"}


@dataclass
class FaultProxy:
    """Faults by what a request's method and path contain; each is used up in turn, then the server answers."""

    url: str
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    chance: Callable[[str], Fault | None] = lambda _request: None
    revoked: set[str] = field(default_factory=set)
    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def inject(self, where: str, *faults: Fault) -> None:
        self.faults += [(where, fault) for fault in faults]

    def always(self, where: str, fault: Fault) -> None:
        """That fault for every such request."""
        self.chance = lambda request: fault if where in request else None

    def at_random(self, seed: int, rate: float, *faults: Fault) -> None:
        """One of the faults for such a part of all requests."""
        chance = random.Random(seed)
        self.chance = lambda _request: chance.choice(faults) if chance.random() < rate else None

    def revoke(self, token: str) -> None:
        """From now on the server does not know this token."""
        self.revoked.add(f"Bearer {token}")

    def end_faults(self) -> None:
        self.faults, self.chance = [], lambda _request: None

    def take(self, request: str) -> Fault | None:
        with self._lock:
            self.seen.append(request)
            for place, (where, fault) in enumerate(self.faults):
                if where in request:
                    del self.faults[place]
                    return fault
            return self.chance(request)

    def count(self, where: str) -> int:
        return sum(where in request for request in self.seen)


def status(code: int, reason: str = "", message: str = "injected", **headers: str) -> Fault:
    """The server answers with this status."""

    def answer(handler: _Handler) -> None:
        body = json.dumps({"kind": "Status", "code": code, "reason": reason, "message": message}).encode()
        handler.answer(code, {"Content-Type": "application/json", **headers}, body)

    return answer


def retry_at(code: int, seconds: int) -> Fault:
    """The server names the date from which on it may be asked again, so many seconds from now."""
    return lambda handler: status(code, Retry_After=formatdate(time.time() + seconds, usegmt=True))(handler)


def page(code: int, text: str = "<html><title>Sign in</title><body>Who are you?</body></html>") -> Fault:
    """Something else than an API server answers."""
    return lambda handler: handler.answer(code, {"Content-Type": "text/html; charset=utf-8"}, text.encode())


def damage(handler: _Handler) -> None:
    """Half an answer that looks whole."""
    handler.answer(200, {"Content-Type": "application/json"}, b'{"kind": "ConfigMap", "metadata": {"na')


def lose_answer(handler: _Handler) -> None:
    """The server does what it is asked, and the connection breaks before it can say so."""
    handler.ask()
    break_off(handler)


def reset(handler: _Handler) -> None:
    """The connection is reset after half an answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
    handler.wfile.flush()
    break_off(handler)


def break_off(handler: _Handler) -> None:
    """The connection is reset, whatever was sent on it."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def hang(seconds: float) -> Fault:
    """The server says nothing."""

    def say_nothing(handler: _Handler) -> None:
        handler.close_connection = True
        time.sleep(seconds)

    return say_nothing


def late(seconds: float) -> Fault:
    """The server takes its time."""

    def answer(handler: _Handler) -> None:
        time.sleep(seconds)
        handler.pass_answer()

    return answer


@contextlib.contextmanager
def fault_proxy(server: ApiServer) -> Iterator[FaultProxy]:
    """Runs before the server until the end of the block."""
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pool = urllib3.PoolManager(cert_reqs="CERT_NONE", retries=False, maxsize=8)
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    listener.daemon_threads = True
    proxy = FaultProxy(f"http://127.0.0.1:{listener.server_port}")
    listener.context = (proxy, pool, server.url)  # type: ignore[attr-defined]
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        listener.shutdown()
        listener.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        proxy = self.server.context[0]  # type: ignore[attr-defined]
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = proxy.take(f"{self.command} {self.path}")
        if self.headers.get("Authorization") in proxy.revoked:
            proxy.refused += 1
            fault = status(401, "Unauthorized", "Unauthorized")
        if fault is not None:
            with contextlib.suppress(OSError):
                fault(self)
            return
        if "watch=true" in self.path:
            with contextlib.suppress(OSError, urllib3.exceptions.HTTPError):
                self.pass_stream()
            return
        self.pass_answer()

    do_GET = do_PATCH = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815 - http.server's names

    def pass_answer(self) -> None:
        """Asks the server, and hands on what it says."""
        answer = self.ask()
        kept = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP_BY_HOP}
        self.answer(answer.status, kept, answer.data)

    def ask(self) -> Any:
        """The server's answer to what is asked."""
        _proxy, pool, url = self.server.context  # type: ignore[attr-defined]
        return pool.request(self.command, url + self.path, body=self.body or None, headers=self.asking_headers())

    def asking_headers(self) -> urllib3.HTTPHeaderDict:
        return urllib3.HTTPHeaderDict((key, value) for key, value in self.headers.items() if key.lower() != "host")

    def answer(self, code: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(code)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def pass_stream(self, lines: int | None = None) -> None:
        """Hands on a watch as it comes, up to so many lines of it."""
        _proxy, pool, url = self.server.context  # type: ignore[attr-defined]
        answer = pool.request("GET", url + self.path, headers=self.asking_headers(), preload_content=False)
        threading.Thread(target=self._end_with_client, args=(answer,), daemon=True).start()
        self.begin_stream(answer.status, answer.headers.get("Content-Type", ""))
        passed, rest = 0, b""
        while passed != lines and (piece := answer.read1(65536)):
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole[: None if lines is None else lines - passed]:
                self.write_chunk(line + b"\n")
                passed += 1
        answer.close()
        if lines is None:
            self.write_chunk(rest)
            self.wfile.write(b"0\r\n\r\n")

    def _end_with_client(self, answer: Any) -> None:
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            self.connection.recv(1, socket.MSG_PEEK)
            answer.shutdown()

    def begin_stream(self, code: int = 200, content_type: str = "application/json") -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()

    def write_chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    def log_message(self, *_arguments: Any) -> None:
        """Keeps quiet."""
