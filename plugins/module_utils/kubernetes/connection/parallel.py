"""Doing the same with many things at once, where one failure does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError

Item = TypeVar("Item")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Outcome(Generic[Item, Value]):
    """What became of one item: its value, or the error that stopped it; and how many seconds that took."""

    item: Item
    value: Value | None
    error: TrackingError | None
    seconds: float


def for_each(function: Callable[[Item], Value], items: Sequence[Item], threads: int) -> list[Outcome[Item, Value]]:
    """Calls `function` for every item, `threads` at a time; the outcomes are in the items' order.

    A TrackingError is part of its outcome. Any other exception is a fault of ours, and is raised.
    """

    def attempt(item: Item) -> Outcome[Item, Value]:
        started = time.monotonic()
        try:
            value = function(item)
        except TrackingError as error:
            return Outcome(item, None, error, time.monotonic() - started)
        return Outcome(item, value, None, time.monotonic() - started)

    if len(items) <= 1 or threads <= 1:
        return [attempt(item) for item in items]
    with ThreadPoolExecutor(max_workers=min(threads, len(items)), thread_name_prefix="each") as pool:
        return list(pool.map(attempt, items))
