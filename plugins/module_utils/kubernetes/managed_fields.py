"""Reading `metadata.managedFields`: which manager holds which field of a live object.

Format (FieldsV1): sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go: `f:` a field, `k:` an item of a list by
its keys, `v:` an item of a set, `i:` a place in a list, `.` the container itself; an empty mapping is a leaf.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

JSON = Any
Step = str | int
Path = tuple[Step, ...]


def entries(live: Mapping[str, JSON]) -> list[Mapping[str, JSON]]:
    """Every manager's entry."""
    found: list[Mapping[str, JSON]] = live["metadata"].get("managedFields") or []
    return found


def applied_by(live: Mapping[str, JSON], manager: str) -> Mapping[str, JSON] | None:
    """The entry of what `manager` applied; its writes of another kind have entries of their own."""
    for entry in entries(live):
        if entry["manager"] == manager and entry["operation"] == "Apply" and not entry.get("subresource"):
            return entry
    return None


def holds(entry: Mapping[str, JSON], live: JSON, path: Path) -> bool:
    """Whether an entry holds the field at `path` of the live object, or what contains it as a whole."""
    fields: Mapping[str, JSON] | None = entry.get("fieldsV1") or {}
    if not fields:
        return False
    value = live
    for step in path:
        fields = _below(fields, value, step)
        if fields is None:
            return False
        if not fields:
            return True
        value = value[step]
    return True


def _below(fields: Mapping[str, JSON], value: JSON, step: Step) -> Mapping[str, JSON] | None:
    if isinstance(step, str):
        found: Mapping[str, JSON] | None = fields.get(f"f:{step}")
        return found
    return next((below for key, below in fields.items() if is_item(key, value[step], step)), None)


def is_item(key: str, item: JSON, place: int) -> bool:
    """Whether a key of a list's fields names this item, which is at `place` of the live list."""
    if key.startswith("k:"):
        sought = json.loads(key[2:])
        return isinstance(item, dict) and all(item.get(name) == part for name, part in sought.items())
    if key.startswith("v:"):
        return bool(json.loads(key[2:]) == item)
    return key == f"i:{place}"


def without(fields: Mapping[str, JSON], others: Mapping[str, JSON]) -> dict[str, JSON]:
    """The fields that are not among the others' too."""
    kept: dict[str, JSON] = {}
    for key, below in fields.items():
        if key not in others:
            kept[key] = below
        elif below and others[key]:
            rest = without(below, others[key])
            if rest:
                kept[key] = rest
    return {} if set(kept) == {"."} else kept


def leaves(value: JSON, path: Path = ()) -> Iterator[Path]:
    """The paths of a manifest's single values; a list of values is one, of mappings with names each item's."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list) and value and all(isinstance(item, dict) and "name" in item for item in value):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))
    else:
        yield path
