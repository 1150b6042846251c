"""Reading `metadata.managedFields`: which manager holds which field of a live object.

Format (FieldsV1): sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go: `f:` a field, `k:` an item of a list by
its keys, `v:` an item of a set, `i:` a place in a list. A field is held itself when its mapping is empty or has a
`.`; with other keys only, no more than these parts of it are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

JSON = Any
Step = str | int
Path = tuple[Step, ...]
Fields = Mapping[str, JSON]


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


def has_applied(live: Mapping[str, JSON], manager: str) -> bool:
    """Whether `manager` has applied anything of the object, a subresource of it included."""
    return any(entry["manager"] == manager and entry["operation"] == "Apply" for entry in entries(live))


def is_held(fields: Fields) -> bool:
    """Whether the field itself is held, not only parts of it."""
    return not fields or "." in fields


def is_held_alone(fields: Fields) -> bool:
    """Whether a mapping or list is held, and nothing of what is in it."""
    return fields.keys() == {"."}


def parts(fields: Fields) -> Iterator[tuple[str, Fields]]:
    """The parts of a field that are held, by their keys."""
    return ((key, below) for key, below in fields.items() if key != ".")


def has_parts(fields: Fields) -> bool:
    """Whether any part of a field is held of itself."""
    return any(key != "." for key in fields)


def union(one: Fields, other: Fields) -> Fields:
    """What either holds."""
    both = {**one, **other}
    for key, below in parts(one):
        if key in other:
            joined = union(below, other[key])
            is_whole = is_held(below) or is_held(other[key])
            both[key] = {**joined, ".": {}} if joined and is_whole else joined
    return both


def without(fields: Fields, others: Fields) -> Fields:
    """What only the first holds."""
    rest: dict[str, JSON] = {}
    for key, below in parts(fields):
        if key not in others:
            rest[key] = below
            continue
        kept = without(below, others[key])
        if is_held(below) and not is_held(others[key]):
            rest[key] = {**kept, ".": {}} if below else {}
        elif kept:
            rest[key] = kept
    return rest


def meet(one: Fields, other: Fields) -> bool:
    """Whether both hold some field."""
    return any(
        key in other and ((is_held(below) and is_held(other[key])) or meet(below, other[key]))
        for key, below in parts(one)
    )


def below(fields: Fields, value: JSON, step: Step) -> Fields | None:
    """What is held of the part at `step` of a live value; None for nothing."""
    if isinstance(step, str):
        found: Fields | None = fields.get(f"f:{step}")
        return found
    key = key_of(fields, value[step], step)
    return None if key is None else fields[key]


def held_at(fields: Fields, live: JSON, path: Path) -> Fields | None:
    """What is held of the field at `path` of a live object, itself or parts of it; None for nothing."""
    for step in path:
        found = below(fields, live, step)
        if found is None:
            return None
        fields, live = found, live[step]
    return fields


def is_held_above(fields: Fields, live: JSON, path: Path) -> bool:
    """Whether the field at `path` is a part of something that is held as a whole, such as a list of arguments."""
    return any(held_at(fields, live, path[:count]) == {} for count in range(1, len(path)))


def key_of(fields: Fields, item: JSON, place: int) -> str | None:
    """The key that names this item, which is at `place` of the live list."""
    return next((key for key, _below in parts(fields) if _names(key, item, place)), None)


def keys_in(key: str | None) -> dict[str, JSON]:
    """The fields by which a key names an item, such as `{"name": "web"}`."""
    named: dict[str, JSON] = json.loads(key[2:]) if key is not None and key.startswith("k:") else {}
    return named


def held_value(fields: Fields, value: JSON, others: Fields) -> JSON:
    """The part of a live value that these fields hold. others: what other managers hold of it."""
    if not has_parts(fields):
        is_container_only = isinstance(value, (dict, list)) and (is_held_alone(fields) or has_parts(others))
        return type(value)() if is_container_only else value
    if isinstance(value, dict):
        return {
            name: held_value(fields[f"f:{name}"], part, others.get(f"f:{name}", {}))
            for name, part in value.items()
            if f"f:{name}" in fields
        }
    if not isinstance(value, list):
        return value
    named = [(key_of(fields, item, place), item) for place, item in enumerate(value)]
    return [_held_item(key, fields[key], item, others.get(key, {})) for key, item in named if key is not None]


def held_paths(fields: Fields, value: JSON, path: Path = ()) -> Iterator[Path]:
    """The paths of all single fields of a live value that are held."""
    if not has_parts(fields):
        if not is_held_alone(fields) or not value:
            yield path
    elif isinstance(value, dict):
        for key, part in parts(fields):
            if key[2:] in value:
                yield from held_paths(part, value[key[2:]], (*path, key[2:]))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            held = below(fields, value, place)
            if held is not None:
                yield from held_paths(held, item, (*path, place))


def _held_item(key: str, fields: Fields, item: JSON, others: Fields) -> JSON:
    held = held_value(fields, item, others)
    return {**keys_in(key), **held} if isinstance(held, dict) else held


def _names(key: str, item: JSON, place: int) -> bool:
    if key.startswith("k:"):
        return isinstance(item, dict) and all(item.get(name) == part for name, part in keys_in(key).items())
    if key.startswith("v:"):
        return bool(json.loads(key[2:]) == item)
    return key == f"i:{place}"
