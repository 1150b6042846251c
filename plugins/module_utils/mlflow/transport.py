"""Requests to an MLflow server's REST API: JSON in, JSON or a stream of bytes out, refusals as typed errors."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.http_pool import (
    open_http_pool,
    why_unanswered,
)

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

JSON = Any
PIECE = 1 << 20


class MlflowError(TrackingError):
    """A refusal. `status` is HTTP's (0: no answer), `code` is MLflow's, such as RESOURCE_DOES_NOT_EXIST."""

    def __init__(self, what: str, *, status: int = 0, code: str = "", where: str = "", why: str = "", mend: str = ""):
        self.status = status
        self.code = code
        super().__init__(what, where=where, why=why, mend=mend, status=status, code=code)

    @property
    def is_missing(self) -> bool:
        return self.status == 404 or self.code == "RESOURCE_DOES_NOT_EXIST"


class Transport:
    """One server. `url` is where it is reached from here; `host_header` is what it is called in the cluster.

    The server compares the Host header with its list of allowed hosts, so a tunnel's 127.0.0.1:PORT is not what
    should be sent. Requests that read are tried again when the connection breaks; others are not.
    """

    def __init__(self, url: str, *, host_header: str = "", timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self.host = host_header
        self._pool = open_http_pool(self.url, repeatable={"GET"}, redirects=2, timeout=timeout)

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.clear()

    def get(self, path: str, /, **query: Any) -> JSON:
        """JSON at `path` below /api/2.0/mlflow/; a query value of None or "" is left out."""
        return self._json(self._send("GET", f"/api/2.0/mlflow/{path}", query, None, preload=True), path)

    def post(self, path: str, body: Mapping[str, Any]) -> JSON:
        """Sends `body` to `path` below /api/2.0/mlflow/ and answers with JSON."""
        return self._json(self._send("POST", f"/api/2.0/mlflow/{path}", {}, body, preload=True), path)

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> JSON:
        """As post, by another method."""
        return self._json(self._send(method, f"/api/2.0/mlflow/{path}", {}, body, preload=True), path)

    def text(self, path: str) -> str:
        """The text at `path` from the server's root, such as /version."""
        response = self._send("GET", path, {}, None, preload=True)
        self._refuse(response, path)
        return response.data.decode("utf-8", "replace")

    @contextlib.contextmanager
    def stream(self, path: str, /, **query: Any) -> Iterator[Iterator[bytes]]:
        """The bytes at `path` from the server's root, piece by piece; nothing is held in memory as a whole."""
        response = self._send("GET", path, query, None, preload=False)
        try:
            if response.status >= 400:
                response.read()
            self._refuse(response, path)
            yield response.stream(PIECE)
        finally:
            response.release_conn()

    def _send(
        self, method: str, path: str, query: Mapping[str, Any], body: JSON | None, *, preload: bool
    ) -> BaseHTTPResponse:
        import urllib3

        given = {key: value for key, value in query.items() if value not in (None, "")}
        url = f"{self.url}{quote(path)}" + (f"?{urlencode(given, doseq=True)}" if given else "")
        headers = {"Accept": "*/*", "User-Agent": "mlops.tracking"}
        if self.host:
            headers["Host"] = self.host
        payload = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            payload = json.dumps(body).encode()
        try:
            return self._pool.request(method, url, body=payload, headers=headers, preload_content=preload)
        except urllib3.exceptions.HTTPError as error:
            raise MlflowError(
                "MLflow does not answer",
                where=f"{method} {path} at {self.host or self.url}",
                why=why_unanswered(error),
                mend="Look at the pods of its Deployment and their logs",
            ) from None

    def _json(self, response: BaseHTTPResponse, where: str) -> JSON:
        self._refuse(response, where)
        try:
            return json.loads(response.data)
        except ValueError:
            raise MlflowError(
                "The answer is not MLflow's",
                status=response.status,
                where=f"{where} at {self.host or self.url}",
                why=f"it begins with {response.data[:60]!r}",
                mend="Check that the tracking URI is that of an MLflow server",
            ) from None

    def _refuse(self, response: BaseHTTPResponse, where: str) -> None:
        if response.status < 400:
            return
        text = response.data.decode("utf-8", "replace")
        try:
            said = json.loads(text)
        except ValueError:
            said = {}
        said = said if isinstance(said, dict) else {}
        mend = ""
        if response.status == 403 and "Host header" in text:
            mend = "Add the name it was asked by to mlflow_extra_allowed_hosts"
        raise MlflowError(
            "MLflow refuses a request",
            status=response.status,
            code=str(said.get("error_code", "")),
            where=f"{where} at {self.host or self.url}",
            why=f"{response.status} {str(said.get('message') or text).strip()[:500] or 'without a reason'}",
            mend=mend,
        )
