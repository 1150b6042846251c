"""Requests to the HTTP APIs of Prometheus and Grafana: JSON in, JSON out, refusals as typed errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.http_pool import (
    open_http_pool,
    why_unanswered,
)

JSON = Any


class ServerError(TrackingError):
    """A refusal, or no answer (status 0)."""

    def __init__(self, what: str, *, status: int = 0, where: str = "", why: str = "", mend: str = "") -> None:
        self.status = status
        super().__init__(what, where=where, why=why, mend=mend, status=status)


class Transport:
    """One server. `url` is where it is reached from here, `name` what messages call it.

    user, password: basic authentication; they reach no message.
    """

    def __init__(self, url: str, name: str, *, user: str = "", password: str = "", timeout: float = 30.0) -> None:
        import urllib3

        self.url = url.rstrip("/")
        self.name = name
        self._headers = {"Accept": "application/json", "User-Agent": "mlops.tracking"}
        if user:
            self._headers.update(urllib3.make_headers(basic_auth=f"{user}:{password}"))
        self._pool = open_http_pool(self.url, repeatable={"GET", "POST"}, redirects=0, timeout=timeout)

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.clear()

    def get(self, path: str, query: Mapping[str, str] | None = None) -> JSON:
        """JSON at `path`. Raises ServerError."""
        return self._send("GET", path + (f"?{urlencode(query)}" if query else ""), None)

    def post(self, path: str, body: JSON) -> JSON:
        """Sends JSON that asks and changes nothing, so it may be tried again. Raises ServerError."""
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: JSON) -> JSON:
        import urllib3

        headers = dict(self._headers)
        payload = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            payload = json.dumps(body).encode()
        where = f"{method} {path.partition('?')[0]}"
        try:
            response = self._pool.request(method, self.url + path, body=payload, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise ServerError(
                f"{self.name} does not answer",
                where=where,
                why=why_unanswered(error),
                mend="Look at its pod and its log",
            ) from None
        text = response.data.decode("utf-8", "replace")
        if response.status >= 400:
            raise ServerError(
                f"{self.name} refuses a request",
                status=response.status,
                where=where,
                why=f"{response.status} {_reason(text)}",
            )
        try:
            return json.loads(text)
        except ValueError:
            raise ServerError(
                f"The answer is not {self.name}'s", status=response.status, where=where, why=f"it begins {text[:60]!r}"
            ) from None


def _reason(text: str) -> str:
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if isinstance(said, dict):
        text = str(said.get("error") or said.get("message") or text)
    return text.strip()[:500] or "without a reason"
