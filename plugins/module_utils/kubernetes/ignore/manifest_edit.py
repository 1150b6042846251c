"""Taking single fields out of a manifest that is to be applied, beside the live object that has them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.pairs import to_described, to_live
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import (
    Fields,
    Path,
    held_at,
    held_value,
    is_held,
    is_held_above,
    is_held_alone,
    key_of,
    keys_in,
    union,
    without,
)

JSON = Any

_IDENTITY = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}
_OUR_OWN = "tracking.mlops/"  # annotations that the engine itself reads and writes
_ANNOTATED: tuple[Path, ...] = (("metadata", "annotations"), ("spec", "template", "metadata", "annotations"))
_GONE: JSON = object()  # what is left out; in a list, it holds the item's place until all is done


class ManifestEdit:
    """A copy of one manifest's body in which ignored fields are left to others, one after the other.

    ours, others: what our manager applied of the live object, and what all others hold of it.
    """

    def __init__(self, described: Mapping[str, JSON], live: Mapping[str, JSON], ours: Fields, others: Fields) -> None:
        self._described, self._live = described, live
        self._ours, self._others, self._all = ours, others, union(ours, others)
        self._body: JSON = copy.deepcopy(dict(described))
        self._done: set[Path] = set(_IDENTITY)  # paths of the manifest

    def leave_described(self, path: Path) -> None:
        """Leaves a field that the manifest names. A field of an item that is still to be made is part of it."""
        place = to_live(path, self._described, self._live, self._all)
        if len(place) == len(path):
            self._leave(path, place)
        elif not _is_in_item(path[len(place) :]) and not self._is_done(path):
            self._set(path, _GONE)

    def leave_live(self, path: Path) -> None:
        """Leaves a field of the live object. A field of an item that is to go goes with it."""
        place = to_described(path, self._described, self._live, self._all)
        missing = path[len(place) :]
        if not missing:
            self._leave(place, path)
        elif not _is_in_item(missing) and not self._is_done((*place, *missing)):
            value = self._kept(path)
            if value is not _GONE:
                self._add(place, missing, value)

    def done(self) -> dict[str, JSON]:
        """The body as it is to be applied."""
        body: dict[str, JSON] = self._tidied((), self._body, self._described)
        for path in _ANNOTATED:
            _keep_our_own(body, self._described, path)
        names = {key: value for key, value in self._described["metadata"].items() if key in ("name", "namespace")}
        return {**body, "metadata": {**body.get("metadata", {}), **names}}

    def _leave(self, path: Path, place: Path) -> None:
        if not self._is_done(path) and path[-1] not in self._keys(place[:-1]):
            self._set(path, self._kept(place))

    def _kept(self, place: Path) -> JSON:
        """The live value as far as only we hold it."""
        value = _at(self._live, place)
        ours = held_at(self._ours, self._live, place)
        others = held_at(self._others, self._live, place)
        if ours is None:
            is_part = others is None and is_held_above(self._all, self._live, place)
            return value if is_part else _GONE
        rest = without({"": ours}, {} if others is None else {"": others}).get("")
        if rest is None or (is_held_alone(rest) and value):
            return _GONE
        held = held_value(rest, value, others or {})
        return {**self._keys(place), **held} if isinstance(held, dict) else held

    def _keys(self, place: Path) -> dict[str, JSON]:
        """The fields that name the item at this place of the live object; none where there is no such item."""
        if not place or not isinstance(place[-1], int):
            return {}
        fields = held_at(self._all, self._live, place[:-1]) or {}
        return keys_in(key_of(fields, _at(self._live, place), place[-1]))

    def _is_done(self, path: Path) -> bool:
        return any(path[:count] in self._done for count in range(1, len(path) + 1))

    def _set(self, path: Path, value: JSON) -> None:
        self._done.add(path)
        _at(self._body, path[:-1])[path[-1]] = value

    def _add(self, place: Path, missing: Path, value: JSON) -> None:
        self._done.add((*place, *missing))
        container = _at(self._body, place)
        for step, following in itertools.pairwise(missing):
            if not container.get(step):
                container[step] = [] if isinstance(following, int) else {}
            container = container[step]
        if isinstance(container, list):
            container.append(value)
        else:
            container[missing[-1]] = value

    def _tidied(self, path: Path, value: JSON, described: JSON) -> JSON:
        """Without what was taken out, and without what was emptied by that."""
        if path in self._done or value is _GONE:
            return value
        if isinstance(value, list) and isinstance(described, list):
            items = [self._tidied((*path, at), item, _part(described, at)) for at, item in enumerate(value)]
            return [item for item in items if item is not _GONE] or (_GONE if described else [])
        if not isinstance(value, dict) or not isinstance(described, dict):
            return value
        parts = {key: self._tidied((*path, key), part, described.get(key)) for key, part in value.items()}
        kept = {key: part for key, part in parts.items() if part is not _GONE}
        return _GONE if self._is_bare(path, kept, described) else kept

    def _is_bare(self, path: Path, value: Mapping[str, JSON], described: Mapping[str, JSON]) -> bool:
        """Whether nothing is left to say of a mapping; of an item, nothing but its keys, while others hold it."""
        if not path or len(value) == len(described):
            return False
        place = to_live(path, self._described, self._live, self._all)
        if len(place) < len(path) or not isinstance(path[-1], int):
            return not value
        others = held_at(self._others, self._live, place)
        return value.keys() <= self._keys(place).keys() and others is not None and is_held(others)


def _is_in_item(missing: Path) -> bool:
    return any(isinstance(step, int) for step in missing[:-1])


def _at(value: JSON, path: Path) -> JSON:
    for step in path:
        value = value[step]
    return value


def _part(items: list[JSON], at: int) -> JSON:
    return items[at] if at < len(items) else None


def _keep_our_own(body: JSON, described: JSON, path: Path) -> None:
    """Annotations of the engine's own are as described, whatever is ignored."""
    found: JSON = described
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    own = {key: value for key, value in (found or {}).items() if key.startswith(_OUR_OWN)}
    for step in path:
        if step not in body and not own:
            return
        body = body.setdefault(step, {})
    for key in [key for key in body if key.startswith(_OUR_OWN)]:
        del body[key]
    body.update(own)
