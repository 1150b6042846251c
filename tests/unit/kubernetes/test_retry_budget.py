"""One time for trying again, for all requests of a module call."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import retry_budget
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.retry_budget import RetryBudget


class Clock:
    """A clock that the test moves."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(retry_budget, "time", clock)
    return clock


def left(budget: RetryBudget, clock: Clock) -> float:
    """Seconds that a request which begins now may try."""
    return budget.until(clock.now) - clock.now


def waited(budget: RetryBudget, clock: Clock, seconds: float, requests: int = 1) -> None:
    """So many requests wait so long side by side, and none comes through."""
    began = clock.now
    clock.now += seconds
    for _request in range(requests):
        budget.note_given_up(began, was_answered=False)


def test_each_request_has_the_whole_time_at_first(clock: Clock) -> None:
    assert left(RetryBudget(30.0), clock) == 30.0


def test_time_that_was_waited_in_vain_is_taken_from_all_that_follow(clock: Clock) -> None:
    budget = RetryBudget(30.0)
    waited(budget, clock, 10.0)
    assert left(budget, clock) == 20.0


def test_those_that_waited_side_by_side_count_once(clock: Clock) -> None:
    budget = RetryBudget(30.0)
    waited(budget, clock, 10.0, requests=8)
    assert left(budget, clock) == 20.0


def test_a_late_request_still_gets_a_second_try(clock: Clock) -> None:
    budget = RetryBudget(30.0)
    waited(budget, clock, 30.0)
    assert left(budget, clock) == 1.0


def test_one_that_comes_through_after_waiting_gives_all_of_it_back(clock: Clock) -> None:
    budget = RetryBudget(30.0)
    waited(budget, clock, 30.0)
    budget.note_success(tries=1)
    assert left(budget, clock) == 1.0
    budget.note_success(tries=2)
    assert left(budget, clock) == 30.0


def test_no_time_means_no_second_try(clock: Clock) -> None:
    assert left(RetryBudget(0.0), clock) == 0.0


def test_a_server_that_answers_nobody_is_silent_until_it_answers(clock: Clock) -> None:
    budget = RetryBudget(30.0)
    waited(budget, clock, 30.0)
    assert budget.is_silent
    budget.note_answer()
    assert not budget.is_silent


def test_a_server_that_leaves_one_request_hanging_and_answers_others_is_not_silent(clock: Clock) -> None:
    budget = RetryBudget(30.0)
    began = clock.now
    clock.now += 15.0
    budget.note_answer()
    clock.now += 15.0
    budget.note_given_up(began, was_answered=False)
    assert not budget.is_silent


def test_a_server_that_only_refuses_is_not_silent(clock: Clock) -> None:
    budget = RetryBudget(30.0)
    budget.note_given_up(clock.now - 30.0, was_answered=True)
    assert not budget.is_silent
