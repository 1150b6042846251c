"""What the readiness of some kinds depends on beside the object itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

JSON = Any
Body = Mapping[str, JSON]


@dataclass(frozen=True)
class Surroundings:
    """late_binding_classes: the storage classes with WaitForFirstConsumer; None when they may not be read.
    slices: the EndpointSlices of a Service, by its namespace and name; None when they may not be read.
    wants_pods_for: whether the set itself is to have pods behind a Service.
    """

    late_binding_classes: Callable[[], frozenset[str] | None]
    slices: Callable[[str, str], Sequence[Body] | None]
    wants_pods_for: Callable[[Body], bool]
