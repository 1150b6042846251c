"""Whose hand a field is in: people and their tools on one side, Kubernetes' own controllers on the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import (
    Fields,
    Path,
    entries,
    held_at,
    is_held_above,
)

JSON = Any
Entry = Mapping[str, JSON]

# What these write follows from what people wrote: an autoscaler's replicas, a volume's binding, a revision's number.
CONTROLLERS = frozenset(
    {"cloud-controller-manager", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet"}
)


def is_controller(entry: Entry) -> bool:
    """Whether an entry of managedFields is a controller's, or of a status, which nobody describes."""
    return entry["manager"] in CONTROLLERS or entry.get("subresource") == "status"


def holders(live: Mapping[str, JSON], path: Path, ours: str) -> list[Entry]:
    """The entries of other managers that hold the field at `path` of a live object, the latest writer first."""
    return _latest_first(
        entry for entry in entries(live) if entry["manager"] != ours and _holds(_fields(entry), live, path)
    )


def holders_of_whole(live: Mapping[str, JSON], path: Path, ours: str) -> list[Entry]:
    """Those that hold it, or something it is a part of, as a whole: what is missing in it, they took out."""
    return _latest_first(
        entry
        for entry in entries(live)
        if entry["manager"] != ours
        and any(held_at(_fields(entry), live, path[:count]) == {} for count in range(1, len(path) + 1))
    )


def is_held_by(live: Mapping[str, JSON], path: Path, manager: str) -> bool:
    """Whether this manager holds the field at `path` of a live object, or something that it is a part of."""
    return any(entry["manager"] == manager and _holds(_fields(entry), live, path) for entry in entries(live))


def _holds(fields: Fields, live: Mapping[str, JSON], path: Path) -> bool:
    return held_at(fields, live, path) is not None or is_held_above(fields, live, path)


def maker(live: Mapping[str, JSON]) -> Entry | None:
    """The entry of whoever wrote an object first."""
    return min(entries(live), key=lambda entry: str(entry.get("time") or ""), default=None)


def foreign(live: Mapping[str, JSON], ours: str) -> Iterator[Entry]:
    """The entries of people and of tools that are none of ours."""
    return (entry for entry in entries(live) if entry["manager"] != ours and not is_controller(entry))


def _latest_first(found: Iterable[Entry]) -> list[Entry]:
    return sorted(found, key=lambda entry: str(entry.get("time") or ""), reverse=True)


def _fields(entry: Entry) -> Fields:
    fields: Fields = entry.get("fieldsV1") or {}
    return fields
