"""What is tried again, and within which time."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.api_error import ApiError, Unreachable
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.retries import (
    BUDGET_SECONDS,
    wait_before_retry,
)


def error(status: int, message: str = "", retry_after: float | None = None) -> ApiError:
    return ApiError(status=status, reason="", message=message, where="GET /", retry_after=retry_after)


@pytest.mark.parametrize(
    ("status", "method", "is_tried_again"),
    [
        (429, "POST", True),
        (503, "POST", True),
        (500, "PATCH", True),
        (500, "POST", False),
        (504, "GET", True),
        (401, "GET", False),
        (403, "GET", False),
        (404, "GET", False),
        (409, "PATCH", False),
        (422, "PATCH", False),
    ],
)
def test_passing_failures_are_tried_again(status: int, method: str, is_tried_again: bool) -> None:
    wait = wait_before_retry(error(status), method=method, tries=1, spent=0.0)
    assert (wait is not None) is is_tried_again


def test_a_conflict_of_a_quota_is_passing() -> None:
    met = error(409, 'Operation cannot be fulfilled on resourcequotas "all"')
    assert wait_before_retry(met, method="POST", tries=1, spent=0.0) is not None


def test_waits_as_long_as_the_server_asks() -> None:
    assert wait_before_retry(error(429, retry_after=7.0), method="GET", tries=1, spent=0.0) == 7.0


def test_waits_longer_each_time_and_never_past_the_budget() -> None:
    waits = [wait_before_retry(error(503), method="GET", tries=tries, spent=0.0) or 0.0 for tries in (1, 4, 40)]
    assert waits == sorted(waits)
    assert waits[-1] <= 5.0
    assert wait_before_retry(error(503), method="GET", tries=9, spent=BUDGET_SECONDS) is None


def test_a_broken_connection_is_tried_again_unless_it_may_have_written() -> None:
    broken = Unreachable("the connection broke", where="here")
    assert wait_before_retry(broken, method="PATCH", tries=1, spent=0.0) is not None
    assert wait_before_retry(broken, method="POST", tries=1, spent=0.0) is None
