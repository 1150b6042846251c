"""What differs between two states of an object: the paths, and both states as text for a unified diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.field_paths import by_name, joined
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import Path

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


@dataclass(frozen=True)
class Difference:
    """One place where two states differ, the highest one. path: for people.

    before, after: the steps that lead to it in either state; None where it is not there. parent: those to what it is or
    would be a part of in the state before.
    """

    path: str
    parent: Path
    before: Path | None
    after: Path | None


def changed_paths(before: JSON, after: JSON) -> list[str]:
    """The paths that differ, such as `spec.template.spec.containers[mlflow].image`; the highest ones only."""
    return [difference.path for difference in differing(before, after)]


def differing(before: JSON, after: JSON) -> Iterator[Difference]:
    """Each place where they differ."""
    return _places("", (), (), before, after)


def as_text(body: Mapping[str, JSON] | None) -> str:
    """An object as YAML for people; empty for none."""
    if body is None:
        return ""
    text: str = yaml.dump(body, Dumper=_Dumper, default_flow_style=False, sort_keys=True, width=120)
    return text


def _places(path: str, old: Path, new: Path, before: JSON, after: JSON) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            below = joined(path, key)
            if key not in before or key not in after:
                mine, theirs = (*old, key) if key in before else None, (*new, key) if key in after else None
                yield Difference(below, old, mine, theirs)
            else:
                yield from _places(below, (*old, key), (*new, key), before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(path, old, new, before, after)
    elif type(before) is not type(after) or before != after:
        yield Difference(path, old[:-1], old, new)


def _items(path: str, old: Path, new: Path, before: Sequence[JSON], after: Sequence[JSON]) -> Iterator[Difference]:
    one, other = by_name(before), by_name(after)
    if one is None or other is None:
        if len(before) != len(after):
            yield Difference(path, old[:-1], old, new)
            return
        for place, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from _places(f"{path}[{place}]", (*old, place), (*new, place), left, right)
        return
    at, to = {name: place for place, name in enumerate(one)}, {name: place for place, name in enumerate(other)}
    for name in [*one, *(name for name in other if name not in one)]:
        item = f"{path}[{name}]"
        if name not in one or name not in other:
            mine, theirs = (*old, at[name]) if name in one else None, (*new, to[name]) if name in other else None
            yield Difference(item, old, mine, theirs)
        else:
            yield from _places(item, (*old, at[name]), (*new, to[name]), one[name], other[name])
    if set(one) == set(other) and list(one) != list(other):
        yield Difference(path, old[:-1], old, new)  # the same items in another order
