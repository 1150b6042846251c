"""Which failures of a request are worth another try, and how long to wait before it.

429 and 503 say so themselves, 500 and 504 are an API server that lost etcd for a moment, a quota's 409 is
two writers meeting. 401, 403 and 422 would say the same again.
"""

from __future__ import annotations

import random

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.api_error import ApiError, Unreachable

BUDGET_SECONDS = 30.0
HANDSHAKE_TRIES = 5
_FIRST_WAIT = 0.1
_LONGEST_WAIT = 5.0
_ANY_METHOD = {429, 503}
_REPEATABLE_METHOD = {500, 502, 504}
_REPEATABLE = {"GET", "PATCH", "PUT", "DELETE"}


def wait_before_retry(error: ApiError | Unreachable, *, method: str, tries: int, spent: float) -> float | None:
    """Seconds to wait before the next try, or None when there is to be none.

    tries: how many there were. spent: seconds since the first. A POST that got no answer may have been
    carried out, so it is not sent again.
    """
    if isinstance(error, ApiError):
        if not _is_passing(error, method):
            return None
    elif method not in _REPEATABLE and not error.in_handshake:
        return None
    wait = error.retry_after if isinstance(error, ApiError) and error.retry_after is not None else _backoff(tries)
    return wait if spent + wait <= BUDGET_SECONDS else None


def _is_passing(error: ApiError, method: str) -> bool:
    if error.status == 409:
        return "resourcequotas" in error.message
    return error.status in _ANY_METHOD or (error.status in _REPEATABLE_METHOD and method in _REPEATABLE)


def _backoff(tries: int) -> float:
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (tries - 1))
    return longest * random.uniform(0.5, 1.0)
