"""A cluster to talk to: one object that sends requests to its API server and answers with JSON."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.access import Access
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.api_error import ApiError, Unreachable
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.kubeconfig import load_access
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.retries import (
    HANDSHAKE_TRIES,
    wait_before_retry,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.stream import Stream
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.transport import CONNECT_SECONDS, open_pool

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

__all__ = ["CLUSTER_ARGUMENTS", "ApiError", "Cluster", "Unreachable"]

JSON = Any

# What a message cuts off may begin within a secret: it is shortened for people once that is masked (see explain).
_LONGEST_MESSAGE = 100_000

CLUSTER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "kubeconfig": {"type": "path"},
    "context": {"type": "str"},
    "request_timeout": {"type": "float", "default": 30.0},
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
        self._has_answered = False
        self._of_thread = threading.local()

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Cluster:
        """The cluster a module's options name (kubeconfig, context, request_timeout, parallelism)."""
        return cls(
            parameters.get("kubeconfig"),
            parameters.get("context"),
            request_timeout=float(parameters.get("request_timeout") or 30.0),
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
    ) -> JSON:
        """Sends one request and answers with its JSON (text where the server sends text, such as logs).

        body: JSON, or bytes that are sent as they are. timeout: seconds until one try is given up.
        Passing failures are tried again (see retries); ApiError and Unreachable carry `tries`.
        """
        started = time.monotonic()
        tries = 0
        has_renewed = False
        while True:
            tries += 1
            self._of_thread.tries = tries
            try:
                return self._send(method, path, query, body, content_type, timeout)
            except (ApiError, Unreachable) as error:
                error.tries = tries
                if isinstance(error, ApiError) and error.status == 401 and not has_renewed:
                    has_renewed = True
                    if self._renew():
                        continue
                if isinstance(error, Unreachable) and not self._may_be_starting(error, tries):
                    raise  # it never was there: waiting only delays the message
                wait = wait_before_retry(error, method=method, tries=tries, spent=time.monotonic() - started)
                if wait is None:
                    raise
                time.sleep(wait)

    def stream(self, path: str, query: Mapping[str, Any] | None = None, *, silence: float) -> Stream:
        """A GET whose answer comes line by line, such as a watch. silence: the most seconds between two lines.

        One try, save that credentials are read anew after a 401. Raises ApiError and Unreachable.
        """
        has_renewed = False
        while True:
            response = self._exchange("GET", path, query, is_stream=True)
            if response.status < 400:
                return Stream(response, f"GET {path}", silence)
            if response.status == 401 and not has_renewed:
                has_renewed = True
                if self._renew():
                    response.drain_conn()
                    continue
            _answer(response, f"GET {path}")

    def _may_be_starting(self, error: Unreachable, tries: int) -> bool:
        return self._has_answered or (error.in_handshake and tries < HANDSHAKE_TRIES)

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: JSON | None,
        content_type: str,
        timeout: float | None,
    ) -> JSON:
        return _answer(self._exchange(method, path, query, body, content_type, timeout), f"{method} {path}")

    def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: JSON | None = None,
        content_type: str = "",
        timeout: float | None = None,
        *,
        is_stream: bool = False,
    ) -> BaseHTTPResponse:
        import urllib3

        access = self.access
        url = f"{access.server}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json, */*", "User-Agent": "mlops.tracking"}
        authorization = access.authorization()
        if authorization:
            headers["Authorization"] = authorization
        payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if payload is not None:
            headers["Content-Type"] = content_type
        seconds = timeout or self.request_timeout
        limits = urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)
        try:
            response = self._open(access).request(
                method, url, body=payload, headers=headers, timeout=limits, preload_content=not is_stream
            )
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(
                _story(error, seconds), where=f"{access.server}, {access.source}", in_handshake=_is_handshake(error)
            ) from None
        self._has_answered = True
        return response

    def _open(self, access: Access) -> PoolManager:
        with self._lock:
            if self._pool is None:
                self._pool = open_pool(access, self._connections)
            return self._pool

    def _renew(self) -> bool:
        """Reads the kubeconfig again after a 401; true when it now holds another token."""
        before = self.access.authorization()
        with self._lock:
            self._access = None
        return self.access.authorization() != before


def _answer(response: BaseHTTPResponse, where: str) -> JSON:
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    content = json.loads(response.data) if is_json and response.data else response.data.decode("utf-8", "replace")
    if response.status < 400:
        return content
    status: Mapping[str, Any] = content if isinstance(content, dict) else {}
    raise ApiError(
        status=response.status,
        reason=str(status.get("reason") or response.reason or ""),
        message=str(status.get("message") or content)[:_LONGEST_MESSAGE],
        where=where,
        details=status.get("details"),
        retry_after=_seconds(response.headers.get("Retry-After")),
    )


def _seconds(header: str | None) -> float | None:
    try:
        return float(header) if header else None
    except ValueError:
        return None  # a date: no API server sends one


def _is_handshake(error: Exception) -> bool:
    import urllib3

    cause = error.args[0] if error.args else None
    return isinstance(error, urllib3.exceptions.SSLError) and not isinstance(cause, ssl.SSLCertVerificationError)


def _story(error: Exception, seconds: float) -> str:
    import urllib3

    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "its host name is unknown"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return str(error).rsplit(": ", 1)[-1]
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return f"it does not accept a connection within {min(CONNECT_SECONDS, seconds):g} s"
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return f"no answer within {seconds:g} s (option request_timeout)"
    if _is_handshake(error):
        return f"the TLS handshake broke ({error})"
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"its certificate is not trusted ({error})"
    return f"the connection broke ({type(error).__name__}: {error})"
