"""What is tried again, and how long is waited before it."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.answer import seconds_to_wait
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.api_error import (
    ApiError,
    Unreachable,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.retries import (
    is_passing,
    is_repeatable,
    wait_before_retry,
)

NOW = "Tue, 24 Nov 2026 19:00:00 GMT"


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
    assert is_passing(error(status), repeatable=is_repeatable(method)) is is_tried_again


def test_a_conflict_of_a_quota_is_passing() -> None:
    met = error(409, 'Operation cannot be fulfilled on resourcequotas "all"')
    assert is_passing(met, repeatable=False)


def test_a_broken_connection_is_passing_unless_it_may_have_written() -> None:
    broken = Unreachable("the connection broke", where="here")
    assert is_passing(broken, repeatable=True)
    assert not is_passing(broken, repeatable=False)


def test_waits_as_long_as_the_server_asks() -> None:
    assert wait_before_retry(error(429, retry_after=7.0), 1) == 7.0


def test_a_server_that_asks_for_no_wait_is_not_asked_without_a_pause() -> None:
    assert wait_before_retry(error(429, retry_after=0.0), 3) >= 0.2


def test_waits_longer_each_time_up_to_a_few_seconds() -> None:
    waits = [wait_before_retry(error(503), tries) for tries in (1, 4, 40, 4000)]
    assert waits[:3] == sorted(waits[:3])
    assert max(waits) <= 5.0


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("7", None, 7.0),
        ("0", None, 0.0),
        ("Tue, 24 Nov 2026 19:00:30 GMT", NOW, 30.0),
        ("Tue, 24 Nov 2026 18:59:30 GMT", NOW, 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, 0.0),
        (None, NOW, None),
        ("", NOW, None),
        ("soon", NOW, None),
        ("nan", NOW, None),
        ("-3", NOW, 0.0),
    ],
)
def test_a_retry_after_is_seconds_or_a_date_on_the_servers_clock(
    header: str | None, date: str | None, seconds: float | None
) -> None:
    assert seconds_to_wait(header, date) == seconds
