"""The same place in a manifest and in the live object: items of lists are found by their keys, not by their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import (
    Fields,
    Path,
    Step,
    below,
    key_of,
    keys_in,
)

JSON = Any


def pairs(described: Sequence[JSON], live: Sequence[JSON], fields: Fields) -> dict[int, int]:
    """Which item of a manifest's list is which of the live one, by their places.

    fields: what all managers hold of the list; its keys tell what makes an item the same.
    """
    found: dict[int, int] = {}
    for is_whole in (True, False):  # a manifest may leave a key to its default, such as a port's protocol
        for at, item in enumerate(live):
            if at in found.values():
                continue
            mine = [
                place
                for place, each in enumerate(described)
                if place not in found and _is_same(each, place, item, at, fields, is_whole=is_whole)
            ]
            if len(mine) == 1:
                found[mine[0]] = at
    return found


def to_live(path: Path, described: JSON, live: JSON, fields: Fields) -> Path:
    """Where a field of a manifest is in the live object, as far as the path exists there."""
    return _walk(path, described, live, fields, is_forward=True)


def to_described(path: Path, described: JSON, live: JSON, fields: Fields) -> Path:
    """Where a field of the live object is in the manifest, as far as the path exists there."""
    return _walk(path, described, live, fields, is_forward=False)


def _walk(path: Path, described: JSON, live: JSON, fields: Fields, *, is_forward: bool) -> Path:
    walked: Path = ()
    for step in path:
        steps = _both(step, described, live, fields, is_forward=is_forward)
        if steps is None:
            break
        mine, theirs = steps
        fields = below(fields, live, theirs) or {}
        described, live = described[mine], live[theirs]
        walked = (*walked, theirs if is_forward else mine)
    return walked


def _both(step: Step, described: JSON, live: JSON, fields: Fields, *, is_forward: bool) -> tuple[Any, Any] | None:
    if isinstance(step, str):
        is_there = isinstance(described, Mapping) and isinstance(live, Mapping) and step in described and step in live
        return (step, step) if is_there else None
    if not isinstance(described, list) or not isinstance(live, list):
        return None
    found = pairs(described, live, fields)
    if is_forward:
        return (step, found[step]) if step in found else None
    return next(((mine, at) for mine, at in found.items() if at == step), None)


def _is_same(item: JSON, place: int, live: JSON, at: int, fields: Fields, *, is_whole: bool) -> bool:
    key = key_of(fields, live, at)
    keys = keys_in(key)
    if not keys and isinstance(live, dict) and "name" in live:
        keys = {"name": live["name"]}
    if keys:
        if not isinstance(item, dict):
            return False
        return all(item.get(name) == part if is_whole or name in item else True for name, part in keys.items())
    if key is not None and key.startswith("v:"):
        return bool(item == live)
    return place == at
