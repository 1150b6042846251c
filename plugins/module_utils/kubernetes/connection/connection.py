"""A cluster to talk to: one object that sends requests to its API server and answers with JSON."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import retries
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Access, Headers
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.answer import read_answer
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.api_error import (
    ApiError,
    Unreachable,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.kubeconfig import load_access
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.retry_budget import RetryBudget
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.stream import Stream
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.transport import (
    CONNECT_SECONDS,
    open_pool,
    unreachable,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

__all__ = ["CLUSTER_ARGUMENTS", "ApiError", "Cluster", "Unreachable"]

JSON = Any

RETRY_SECONDS = 60.0  # an API server that restarts takes less
# So often is tried what is there and has never answered: it may be starting.
FIRST_TRIES = 5

CLUSTER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "kubeconfig": {"type": "path"},
    "context": {"type": "str"},
    "request_timeout": {"type": "float", "default": 30.0},
    "retry_timeout": {"type": "float", "default": RETRY_SECONDS},
}


class Cluster:
    """One API server through one context. Nothing is read or connected before the first request.

    Every method may be called from many threads; connections are kept alive and shared. mask: knows the secrets that
    were read.
    """

    def __init__(
        self,
        kubeconfig: str | None = None,
        context: str | None = None,
        *,
        request_timeout: float = 30.0,
        retry_timeout: float = RETRY_SECONDS,
        connections: int = 8,
    ) -> None:
        self.kubeconfig = kubeconfig
        self.context = context
        self.request_timeout = request_timeout
        self.mask = Mask()
        self._connections = connections
        self._lock = threading.Lock()
        self._access: Access | None = None
        self._pool: PoolManager | None = None
        self._pool_pair = ("", "")
        self._budget = RetryBudget(retry_timeout)
        self._has_answered = False
        self._is_refused = False
        self._of_thread = threading.local()

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Cluster:
        """The cluster a module's options name (kubeconfig, context, request_timeout, retry_timeout, parallelism)."""
        seconds = parameters.get("retry_timeout")
        return cls(
            parameters.get("kubeconfig"),
            parameters.get("context"),
            request_timeout=float(parameters.get("request_timeout") or 30.0),
            retry_timeout=RETRY_SECONDS if seconds is None else float(seconds),
            connections=int(parameters.get("parallelism") or 8),
        )

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.clear()

    @property
    def access(self) -> Access:
        """What the kubeconfig says, read at first use. Raises InvalidInput naming the variable."""
        with self._lock:
            if self._access is None:
                self._access = load_access(self.kubeconfig, self.context)
            return self._access

    @property
    def tries(self) -> int:
        """How many tries the last request of this thread took."""
        return int(getattr(self._of_thread, "tries", 0))

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> JSON | None:
        """What is at `path`, or None where there is nothing (404)."""
        try:
            return self.request("GET", path, query=query)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: JSON | None = None,
        content_type: str = "application/json",
        timeout: float | None = None,
        is_text: bool = False,
        is_repeatable: bool = False,
    ) -> JSON:
        """Sends one request and answers with its JSON, or its text where that is asked for (logs).

        body: JSON, or bytes that are sent as they are. timeout: seconds until one try is given up. is_repeatable: of a
        POST that makes nothing twice. Passing failures are tried again (see retries); ApiError and Unreachable carry
        `tries`, which is 0 where the server was given up before.
        """
        self._refuse_if_silent()
        request = _Request(method, path, query, body, content_type, timeout or self.request_timeout)
        may_repeat = is_repeatable or retries.is_repeatable(method)
        began, tries, has_renewed = time.monotonic(), 0, False
        while True:
            tries += 1
            self._of_thread.tries = tries
            access = self.access
            headers = access.headers()
            try:
                response = self._exchange(access, headers, request)
                answer = read_answer(response, str(request), _server(access), is_text=is_text)
            except (ApiError, Unreachable) as error:
                error.tries = tries
                self._has_answered = self._has_answered or isinstance(error, ApiError)
                if _is_refused(error) and not has_renewed:
                    has_renewed = True
                    if self._renew(access, headers):
                        continue
                self._pause(error, began, tries, repeatable=may_repeat)
            else:
                self._note_success(tries)
                return answer

    def stream(self, path: str, query: Mapping[str, Any] | None = None, *, silence: float) -> Stream:
        """A GET whose answer comes line by line, such as a watch. silence: the most seconds between two lines.

        One try, save that credentials are read anew after a 401. Raises ApiError and Unreachable.
        """
        request = _Request("GET", path, query, None, "", self.request_timeout, is_stream=True)
        has_renewed = False
        while True:
            access = self.access
            headers = access.headers()
            response = self._exchange(access, headers, request)
            if response.status < 400:
                return Stream(response, str(request), silence)
            try:
                read_answer(response, str(request), _server(access), is_text=True)
            except ApiError as error:
                if not _is_refused(error) or has_renewed:
                    raise
                has_renewed = True
                if not self._renew(access, headers):
                    raise

    def _pause(self, error: ApiError | Unreachable, began: float, tries: int, *, repeatable: bool) -> None:
        """Waits until the next try. Raises the error where there is to be none."""
        if isinstance(error, Unreachable) and not self._may_be_starting(error, tries):
            raise error  # it never was there: waiting only delays the message
        if not retries.is_passing(error, repeatable=repeatable):
            raise error
        wait = retries.wait_before_retry(error, tries)
        if time.monotonic() + wait > self._budget.until(began):
            self._budget.note_given_up(began, was_answered=isinstance(error, ApiError))
            raise error
        time.sleep(wait)
        if self._budget.is_silent:  # by now another one was given up
            raise error

    def _may_be_starting(self, error: Unreachable, tries: int) -> bool:
        return self._has_answered or (error.is_there and tries < FIRST_TRIES)

    def _refuse_if_silent(self) -> None:
        """Raises, without a try, while the server is given up."""
        if self._budget.is_silent:
            why = f"it gave no answer any more for {self._budget.seconds:g} s (option retry_timeout)"
            error = Unreachable(why, where=_server(self.access))
            error.tries = 0
            raise error

    def _note_success(self, tries: int) -> None:
        self._has_answered, self._is_refused = True, False
        self._budget.note_success(tries)

    def _exchange(self, access: Access, headers: Headers, request: _Request) -> BaseHTTPResponse:
        import urllib3

        sent = urllib3.HTTPHeaderDict({"Accept": "application/json, */*", "User-Agent": "mlops.tracking"})
        for name, value in headers:
            sent.add(name, value)
        body = request.body
        payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if payload is not None:
            sent["Content-Type"] = request.content_type
        limits = urllib3.Timeout(connect=min(CONNECT_SECONDS, request.seconds), read=request.seconds)
        url = f"{access.server}{request.target}"
        try:
            response = self._open(access).request(
                request.method, url, body=payload, headers=sent, timeout=limits, preload_content=not request.is_stream
            )
        except urllib3.exceptions.HTTPError as error:
            raise unreachable(error, _server(access), request.seconds) from None
        self._budget.note_answer()
        return response

    def _open(self, access: Access) -> PoolManager:
        with self._lock:
            if self._pool is None or self._pool_pair != access.pair:
                self._pool, self._pool_pair = open_pool(access, self._connections), access.pair
            return self._pool

    def _renew(self, refused: Access, headers: Headers) -> bool:
        """Reads the credentials anew after a 401, once for all threads; true when they are others by now."""
        with self._lock:
            if self._access is refused and not (refused.asks and self._is_refused):
                self._is_refused = True  # until one is accepted, no program is run for the next
                self._access = load_access(self.kubeconfig, self.context)
            current = self._access or refused
        return current.pair != refused.pair or current.headers() != headers


def _is_refused(error: ApiError | Unreachable) -> bool:
    return isinstance(error, ApiError) and error.status == 401


def _server(access: Access) -> str:
    return f"{access.server}, {access.source}"


@dataclass(frozen=True)
class _Request:
    """What is sent. seconds: until a try is given up. body: JSON, bytes or nothing."""

    method: str
    path: str
    query: Mapping[str, Any] | None
    body: JSON | None
    content_type: str
    seconds: float
    is_stream: bool = False

    @property
    def target(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
