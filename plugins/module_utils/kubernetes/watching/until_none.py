"""Watching until nothing is left of what was looked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.subject import Subject
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watches import Watching

Left = TypeVar("Left")


def until_none(
    cluster: Cluster,
    threads: int,
    subjects: Iterable[Subject],
    left: Callable[[Watching], dict[Reference, Left]],
    deadline: float,
) -> dict[Reference, Left]:
    """Comes back when `left` finds nothing in what is watched, or at the deadline with what it found.

    deadline: on the clock of time.monotonic; one that has passed still means one look. Raises ApiError, Unreachable.
    """
    with Watching(cluster, threads) as watching:
        watching.look(set(subjects))
        is_listening = False
        while True:
            remaining = left(watching)
            if not remaining or time.monotonic() >= deadline:
                return remaining
            if not is_listening:
                is_listening = True
                watching.listen()
            watching.await_change(deadline)
