"""The notation of fields that people read and write: `spec.template.spec.containers[mlflow].image`.

A key with a dot or slash in it stands in brackets, as does an item of a list: by its name where all items have one,
else by its number. The API server writes `.spec.template.spec.containers[name="mlflow"].image`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput

JSON = Any

# structured-merge-diff, fieldpath/element.go: `[name="web"]` an item by its keys, `[="x"]` an item of a set.
_ITEM = re.compile(r'\[(?P<keys>(?:[^"\]]|"(?:[^"\\]|\\.)*")*)\]')
_KEY = re.compile(r'(?P<name>[^=,]*)=(?P<value>"(?:[^"\\]|\\.)*"|[^,]*)')
_BY_NAME = re.compile(r'\[(?:name)?="?(?P<name>[^"\]]*)"?\]')
_STEP = re.compile(r"\.?(?P<key>[^.\[\]]+)|\[(?P<item>[^\[\]]+)\]")
_PATH = re.compile(r"\.?[^\s.\[\]*/]+(\.[^\s.\[\]*]+|\[[^\[\]*]+\])*")


def joined(path: str, key: str) -> str:
    """The path of a key below `path`."""
    if "." in key or "/" in key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def by_name(items: Sequence[JSON]) -> dict[str, JSON] | None:
    """A list's items by their names; None where not every item has one of its own."""
    if not all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in items):
        return None
    named = {item["name"]: item for item in items}
    return named if len(named) == len(items) else None


def from_server(field: str, live: JSON = None) -> str:
    """A field as the API server writes it, in our notation. live: the object, which tells keys and items apart."""
    path, rest, value = "", field, live
    while rest:
        item = _ITEM.match(rest)
        if item is not None:
            name, value = _item(item["keys"], value)
            path, rest = f"{path}[{name}]", rest[item.end() :]
        else:
            key = _key(rest.removeprefix("."), value)
            path, rest = joined(path, key), rest.removeprefix(".")[len(key) :]
            value = value.get(key) if isinstance(value, dict) else None
    return path


def check_paths(variable: str, paths: Iterable[str]) -> None:
    """Raises InvalidInput for what is neither a path of a field nor `*`."""
    for path in paths:
        if path != "*" and not _PATH.fullmatch(path):
            raise InvalidInput(
                variable,
                f"{path!r} is no path of a field",
                "Write paths as a conflict names them, such as spec.replicas or spec.template.spec.containers[web], "
                'or "*" alone for every field',
            )


def is_under(path: str, parents: Iterable[str]) -> bool:
    """Whether a path is one of `parents` or lies below one; `*` is above every path."""
    flat = _flat(path)
    return any(parent == "*" or f"{flat}.".startswith(f"{_flat(parent)}.") for parent in parents)


def _flat(path: str) -> str:
    """One spelling for all: `annotations[example.com/a]` and the server's `annotations.example.com/a`."""
    path = _BY_NAME.sub(r"[\g<name>]", path)
    return ".".join(step["key"] or step["item"] for step in _STEP.finditer(path))


def _key(rest: str, value: JSON) -> str:
    """The key that the rest of a path begins with; keys may have dots in them."""
    if isinstance(value, dict):
        known = [key for key in value if f"{rest}.".startswith((f"{key}.", f"{key}["))]
        if known:
            return str(max(known, key=len))
    return re.split(r"[.\[]", rest, maxsplit=1)[0] or rest


def _item(text: str, items: JSON) -> tuple[str, JSON]:
    keys = {match["name"]: _parsed(match["value"]) for match in _KEY.finditer(text)}
    if not isinstance(items, list):
        return (str(keys.get("name", keys.get(""))) if len(keys) == 1 else text.replace('"', "")), None
    for place, item in enumerate(items):
        if all(item == part if not name else _get(item, name) == part for name, part in keys.items()):
            is_named = by_name(items) is not None
            return (item["name"] if is_named else str(keys.get("", place))), item
    return text.replace('"', ""), None


def _get(item: JSON, name: str) -> JSON:
    return item.get(name) if isinstance(item, dict) else None


def _parsed(value: str) -> JSON:
    try:
        return json.loads(value)
    except ValueError:
        return value
