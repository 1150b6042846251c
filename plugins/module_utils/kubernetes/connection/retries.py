"""Which failures of a request are worth another try, and how long to wait before it.

429 and 503 say so themselves, 500 and 504 are an API server that lost etcd for a moment, a quota's 409 is
two writers meeting. 401, 403 and 422 would say the same again, and so would a 500 about the object's shape.
"""

from __future__ import annotations

import random

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.api_error import (
    ApiError,
    Unreachable,
)

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 5.0
_ANY_METHOD = {429, 503}
_REPEATABLE_METHOD = {500, 502, 504}
_REPEATABLE = {"GET", "PATCH", "PUT", "DELETE"}


def is_repeatable(method: str) -> bool:
    """Whether sending it twice does what sending it once does. A POST may make two things."""
    return method in _REPEATABLE


def is_passing(error: ApiError | Unreachable, *, repeatable: bool) -> bool:
    """Whether the same request may succeed a moment later.

    repeatable: it may be sent again though it may have been carried out.
    """
    if isinstance(error, Unreachable):
        return repeatable or error.in_handshake
    if error.status == 409:
        return "resourcequotas" in error.message
    if error.misshapen:
        return False
    return error.status in _ANY_METHOD or (error.status in _REPEATABLE_METHOD and repeatable)


def wait_before_retry(error: ApiError | Unreachable, tries: int) -> float:
    """Seconds until the next try: as many as the server asks for, or where that is none, more after each of `tries`."""
    return error.retry_after or _backoff(tries)


def _backoff(tries: int) -> float:
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(tries - 1, 16))
    return longest * random.uniform(0.5, 1.0)
