"""Looking again until nothing is wrong: what was just deployed needs a first scrape."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import ServerError

PAUSE_SECONDS = 3.0
SHOWN = 10
Seen = TypeVar("Seen")


class NotAsItShould(TrackingError):
    """Everything that is wrong with a server; the sentence names the first ten."""

    def __init__(self, server: str, faults: Sequence[str], mend: str) -> None:
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        super().__init__(
            f"{server} is not as it should be in {len(faults)} {'thing' if len(faults) == 1 else 'things'}",
            why="; ".join([*faults[:SHOWN], *more]),
            mend=mend,
            faults=list(faults),
        )


def until_well(
    look: Callable[[], Seen], faults: Callable[[Seen], Sequence[str]], *, server: str, wait: float, mend: str
) -> Seen:
    """What the first look without a fault saw; NotAsItShould when there are still some after `wait` seconds."""
    deadline = time.monotonic() + wait
    while True:
        try:
            seen = look()
        except ServerError as error:
            if error.status or time.monotonic() >= deadline:
                raise
        else:
            found = faults(seen)
            if not found:
                return seen
            if time.monotonic() >= deadline:
                raise NotAsItShould(server, found, mend)
        time.sleep(PAUSE_SECONDS)
