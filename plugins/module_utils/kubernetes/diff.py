"""What differs between two states of an object: the paths, and both states as text for a unified diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.field_paths import by_name, joined

JSON = Any

# What the server keeps for itself, or what changes with every write.
_BOOKKEEPING = frozenset({"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"})
_SafeDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_SafeDumper):  # type: ignore[misc]
    """Writes a text of several lines as several lines, so that a diff shows the one that changes."""


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def comparable(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """An object without `status` and the server's bookkeeping."""
    kept = {key: value for key, value in body.items() if key != "status"}
    kept["metadata"] = {key: value for key, value in body["metadata"].items() if key not in _BOOKKEEPING}
    return kept


def changed_paths(before: JSON, after: JSON) -> list[str]:
    """The paths that differ, such as `spec.template.spec.containers[mlflow].image`; the highest ones only."""
    return list(_paths("", before, after))


def as_text(body: Mapping[str, JSON] | None) -> str:
    """An object as YAML for people; empty for none."""
    if body is None:
        return ""
    text: str = yaml.dump(body, Dumper=_Dumper, default_flow_style=False, sort_keys=True, width=120)
    return text


def _paths(path: str, before: JSON, after: JSON) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in before or key not in after:
                yield joined(path, key)
            else:
                yield from _paths(joined(path, key), before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(path, before, after)
    elif type(before) is not type(after) or before != after:
        yield path


def _items(path: str, before: Sequence[JSON], after: Sequence[JSON]) -> Iterator[str]:
    old, new = by_name(before), by_name(after)
    if old is None or new is None:
        if len(before) != len(after):
            yield path
            return
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _paths(f"{path}[{place}]", one, other)
        return
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in old or name not in new:
            yield f"{path}[{name}]"
        else:
            yield from _paths(f"{path}[{name}]", old[name], new[name])
    if set(old) == set(new) and list(old) != list(new):
        yield path  # the same items in another order
