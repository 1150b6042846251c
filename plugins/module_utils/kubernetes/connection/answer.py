"""From an HTTP response to JSON, or to the error it is."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.api_error import (
    ApiError,
    Unreachable,
)

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

JSON = Any

# What a message cuts off may begin within a secret: it is shortened for people once that is masked (see explain).
_LONGEST_MESSAGE = 100_000
_LONGEST_EXCERPT = 120
_FOREIGN_MEND = (
    "Check that the address in the kubeconfig (variable kubernetes_kubeconfig) is an API server's, and that no proxy "
    "or sign-in page (proxy-url, HTTPS_PROXY, NO_PROXY) answers in its place"
)


def read_answer(response: BaseHTTPResponse, where: str, server: str, *, is_text: bool = False) -> JSON:
    """The JSON of a response, or its text where text is what was asked for, such as a log.

    where: the request, server: whom it went to, both for messages. Raises ApiError for a refusal, and Unreachable where
    something else than an API server has answered, or what it answered is damaged.
    """
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    is_refusal = response.status >= 400
    if is_json:
        content = _parsed(response, where, server)
    else:
        content = response.data.decode("utf-8", "replace")
        if _is_page(response, content) or not (is_text or is_refusal):
            raise _foreign(response, where, server, content)
    if is_refusal:
        raise _refusal(response, where, content)
    return content


def _parsed(response: BaseHTTPResponse, where: str, server: str) -> JSON:
    try:
        return json.loads(response.data)
    except ValueError:
        raise Unreachable(
            f"{response.status} with {len(response.data)} bytes that are not JSON, to {where}",
            what="The Kubernetes API server's answer is damaged",
            where=server,
            mend=_FOREIGN_MEND,
            is_there=True,
            retry_after=_retry_after(response),
        ) from None


def _is_page(response: BaseHTTPResponse, content: str) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html") or content.lstrip()[:5].lower() == "<html"


def _foreign(response: BaseHTTPResponse, where: str, server: str, content: str) -> Unreachable:
    kind = response.headers.get("Content-Type", "").partition(";")[0] or "no content type"
    words = " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", content, flags=re.DOTALL).split())
    excerpt = f" ({words[:_LONGEST_EXCERPT]})" if words else ""
    return Unreachable(
        f"something else answers in its place: {response.status} with {kind}{excerpt} to {where}",
        where=server,
        mend=_FOREIGN_MEND,
        is_there=True,
        retry_after=_retry_after(response),
    )


def _refusal(response: BaseHTTPResponse, where: str, content: JSON) -> ApiError:
    status: Mapping[str, JSON] = content if isinstance(content, dict) else {}
    return ApiError(
        status=response.status,
        reason=str(status.get("reason") or response.reason or ""),
        message=str(status.get("message") or content).strip()[:_LONGEST_MESSAGE],
        where=where,
        details=status.get("details"),
        retry_after=_retry_after(response),
    )


def _retry_after(response: BaseHTTPResponse) -> float | None:
    return seconds_to_wait(response.headers.get("Retry-After"), response.headers.get("Date"))


def seconds_to_wait(retry_after: str | None, date: str | None) -> float | None:
    """What a Retry-After asks for, as seconds or as an HTTP date; None where it says nothing that can be understood.

    date: the server's own time, so that its clock need not agree with ours.
    """
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        until = _timestamp(retry_after)
        if until is None:
            return None
        seconds = until - (_timestamp(date) or time.time())
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _timestamp(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, TypeError):
        return None
