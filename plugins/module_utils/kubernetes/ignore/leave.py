"""Leaving ignored fields to others: what a manifest says of them is made to change nothing on the cluster.

A field that another manager holds is left out: it stays, as the other holds it. One that only we hold keeps its live
value, since an apply without it would remove it. What does not exist yet is made as described.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.rules import Rule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.managed_fields import (
    Path,
    applied_by,
    entries,
    holds,
    leaves,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference

JSON = Any

_IDENTITY = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}


def left_to_others(
    manifests: Sequence[Manifest], live: Mapping[Reference, JSON], rules: Sequence[Rule], manager: str
) -> list[Manifest]:
    """The manifests as they are to be applied beside what lies on the cluster. `manager` is ours."""
    if not rules:
        return list(manifests)
    return [_left(manifest, live.get(manifest.reference), rules, manager) for manifest in manifests]


def _left(manifest: Manifest, seen: JSON | None, rules: Sequence[Rule], manager: str) -> Manifest:
    mine = [rule for rule in rules if rule.is_for(manifest.reference)]
    if seen is None or not mine:
        return manifest
    body: dict[str, JSON] = copy.deepcopy(dict(manifest.body))
    for path in _ignored(manifest.body, seen, mine):
        _leave(body, manifest.body, path, seen, manager)
    return replace(manifest, body=_without_what_was_emptied(body, manifest.body))


def _ignored(body: Mapping[str, JSON], seen: JSON, rules: Sequence[Rule]) -> list[Path]:
    """The single fields that are ignored. An item of a list keeps its name, by which it is merged."""
    named = {(*path, *below) for rule in rules for path in rule.paths(body) for below in leaves(_at(body, path))}
    others = [entry for entry in entries(seen) if any(rule.names_manager(entry["manager"]) for rule in rules)]
    if others:
        for path in leaves(body):
            place = in_live(body, seen, path)
            if place is not None and any(holds(entry, seen, place) for entry in others):
                named.add(path)
    return [path for path in named - _IDENTITY if not (path[-1] == "name" and isinstance(path[-2], int))]


def _leave(body: JSON, described: JSON, path: Path, seen: JSON, manager: str) -> None:
    place = in_live(described, seen, path)
    ours = applied_by(seen, manager)
    is_ours = place is not None and ours is not None and holds(ours, seen, place)
    is_of_others = place is not None and any(holds(each, seen, place) for each in entries(seen) if each is not ours)
    # Of a list the others may hold a part only, so what we hold of it stays as it is.
    is_kept = is_ours and (not is_of_others or isinstance(_at(described, path), list))
    container = _at(body, path[:-1])
    if is_kept and place is not None:
        container[path[-1]] = _at(seen, place)
    else:
        del container[path[-1]]


def in_live(described: JSON, seen: JSON, path: Path) -> Path | None:
    """Where a field of a manifest is in the live object; items of lists are found by their names."""
    place: Path = ()
    for step in path:
        if isinstance(step, str):
            if not isinstance(seen, dict) or step not in seen:
                return None
            place, described, seen = (*place, step), described[step], seen[step]
        else:
            item = described[step]
            at = _place_of(item, seen, step)
            if at is None:
                return None
            place, described, seen = (*place, at), item, seen[at]
    return place


def _place_of(item: JSON, items: JSON, place: int) -> int | None:
    if not isinstance(items, list):
        return None
    if isinstance(item, dict) and "name" in item:
        named = [at for at, other in enumerate(items) if isinstance(other, dict) and other.get("name") == item["name"]]
        return named[0] if len(named) == 1 else None
    return place if place < len(items) else None


def _at(value: JSON, path: Path) -> JSON:
    for step in path:
        value = value[step]
    return value


def _without_what_was_emptied(body: dict[str, JSON], described: Mapping[str, JSON]) -> dict[str, JSON]:
    """The body without the mappings that lost all they held."""
    for key, value in list(body.items()):
        if isinstance(value, dict) and value is not described[key]:
            _without_what_was_emptied(value, described[key])
            if not value and described[key]:
                del body[key]
        elif isinstance(value, list) and len(value) == len(described[key]):
            for item, told in zip(value, described[key], strict=True):
                if isinstance(item, dict) and isinstance(told, dict):
                    _without_what_was_emptied(item, told)
    return body
