"""What the tasks of a play returned, for the task that reports on them.

Callback `drift` writes it in Ansible's main process. An action plugin runs in a fork of that process, which is made
when its task begins, and so reads what all tasks before it left.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = Any


@dataclass
class PlayResults:
    """One play's results: of each host, each task's name and what it returned, in their order."""

    is_kept: bool = False  # whether the callback is there at all
    started: float = field(default_factory=time.time)
    of_host: dict[str, list[tuple[str, Mapping[str, JSON]]]] = field(default_factory=dict)

    def begin(self) -> None:
        """A new play."""
        self.is_kept, self.started, self.of_host = True, time.time(), {}

    def add(self, host: str, task: str, result: Mapping[str, JSON]) -> None:
        """One more result."""
        self.of_host.setdefault(host, []).append((task, result))


PLAY_RESULTS = PlayResults()
