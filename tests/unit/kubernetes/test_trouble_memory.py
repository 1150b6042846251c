"""How long a trouble is borne with, by a clock that the test moves."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting import trouble_memory
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pod_state import Trouble
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.trouble_memory import TroubleMemory

CONFIG = Trouble("p", "CreateContainerConfigError", "", 5.0)
MOUNT = Trouble("p", "FailedMount", "", 30.0, version="7")
IMAGE = Trouble("p", "ImagePullBackOff", "", 0.0)


class Clock:
    """What trouble_memory takes for time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(trouble_memory, "time", clock)
    return clock


def lasts_until_a_failure(clock: Clock, memory: TroubleMemory, trouble: Trouble) -> float:
    started = clock.now
    while not memory.is_lasting("uid", trouble):
        clock.now += 1.0
    return clock.now - started


@pytest.mark.parametrize(("trouble", "seconds"), [(CONFIG, 5.0), (MOUNT, 30.0), (IMAGE, 0.0)])
def test_what_goes_wrong_under_our_eyes_has_its_own_patience(clock: Clock, trouble: Trouble, seconds: float) -> None:
    assert lasts_until_a_failure(clock, TroubleMemory(), trouble) == seconds


@pytest.mark.parametrize(("trouble", "seconds"), [(CONFIG, 30.0), (MOUNT, 130.0), (IMAGE, 0.0)])
def test_what_was_wrong_before_may_just_have_been_mended(clock: Clock, trouble: Trouble, seconds: float) -> None:
    memory = TroubleMemory()
    memory.was_there("uid", trouble.reason, trouble.version)
    assert lasts_until_a_failure(clock, memory, trouble) == seconds


def test_an_old_event_that_happens_again_is_new(clock: Clock) -> None:
    memory = TroubleMemory()
    memory.was_there("uid", MOUNT.reason, "6")
    assert lasts_until_a_failure(clock, memory, MOUNT) == 30.0


def test_a_doubt_starts_the_time_anew(clock: Clock) -> None:
    memory = TroubleMemory()
    lasts_until_a_failure(clock, memory, CONFIG)
    memory.doubt("uid", CONFIG.reason)
    assert lasts_until_a_failure(clock, memory, CONFIG) == 5.0


def test_each_object_has_its_own_time(clock: Clock) -> None:
    memory = TroubleMemory()
    lasts_until_a_failure(clock, memory, CONFIG)
    assert not memory.is_lasting("another", CONFIG)
