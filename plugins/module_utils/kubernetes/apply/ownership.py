"""Whether applying a manifest again would change nothing, told from the live object alone.

`metadata.managedFields` holds the fields our manager applied (FieldsV1). When the manifest has exactly these
fields, and each has the live value, an apply is a no-op, and no dry run needs to ask. Only a sure yes is a
yes: anything else (a value the server wrote in its own form, an atomic list with defaults) gets the dry run.
Format: sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go: `f:` a field, `k:` an item of a list by
its keys, `v:` an item of a set, `.` the container itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.takeover import is_due
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import (
    applied_by,
    has_applied,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.spelling import (
    Trail,
    is_kept_as,
    says_nothing,
)

JSON = Any

_EMPTY: tuple[JSON, ...] = ({}, [], None, "")
_NAMES = frozenset({"name", "namespace"})


def is_applied(manifest: Mapping[str, JSON], live: Mapping[str, JSON], manager: str) -> bool:
    """True when a server-side apply of `manifest` by `manager` is sure to leave `live` as it is."""
    if is_due(live, manager):
        return False
    fields = _applied_fields(live, manager, str(manifest["apiVersion"]))
    content = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind", "metadata")}
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in _NAMES}
    if metadata:
        content["metadata"] = metadata
    if fields is None:
        # A manifest of nothing but a name owns nothing. Its second apply would still make the server write
        # an entry `before-first-apply`, which is no change anybody asked for.
        return not content and not has_applied(live, manager)
    return _is_same_mapping(fields, content, live, (str(manifest["apiVersion"]),))


def _applied_fields(live: Mapping[str, JSON], manager: str, api_version: str) -> Mapping[str, JSON] | None:
    entry = applied_by(live, manager)
    if entry is None or entry.get("apiVersion") != api_version:
        return None
    fields: Mapping[str, JSON] | None = entry.get("fieldsV1")
    return fields


def _is_same(fields: Mapping[str, JSON], value: JSON, live: JSON, trail: Trail) -> bool:
    if not fields:  # a leaf: a scalar, or a map or list that is owned as a whole
        return is_kept_as(value, live, trail)
    if isinstance(value, dict):
        return isinstance(live, dict) and _is_same_mapping(fields, value, live, trail)
    if isinstance(value, list):
        return isinstance(live, list) and _is_same_list(fields, value, live, trail)
    return False


def _is_same_mapping(
    fields: Mapping[str, JSON], value: Mapping[str, JSON], live: Mapping[str, JSON], trail: Trail
) -> bool:
    owned = [key for key in fields if key != "."]
    if len(owned) != len(value):
        value = {
            name: part
            for name, part in value.items()
            if f"f:{name}" in fields or not says_nothing(part, (*trail, name))
        }
        if len(owned) != len(value):
            return False
    for key in owned:
        name = key[2:]
        if not key.startswith("f:") or name not in value:
            return False
        if name in live:
            if not _is_same(fields[key], value[name], live[name], (*trail, name)):
                return False
        elif fields[key] or value[name] not in _EMPTY:  # the server does not keep these
            return False
    return True


def _is_same_list(fields: Mapping[str, JSON], value: Sequence[JSON], live: Sequence[JSON], trail: Trail) -> bool:
    owned = [key for key in fields if key != "."]
    if len(owned) != len(value):
        return False
    places = []
    taken: set[int] = set()
    for key in owned:
        sought = json.loads(key[2:])
        at = _find(key, sought, live, is_whole=True)
        mine = _find(key, sought, value, is_whole=False)
        if at is None or mine is None or mine in taken:
            return False
        taken.add(mine)
        if key.startswith("k:"):
            item = _under_keys(live[at], sought, value[mine])
            if not _is_same(fields[key], value[mine], item, (*trail, "*")):
                return False
        places.append((mine, at))
    order = [at for _mine, at in sorted(places)]
    return order == sorted(order)  # an apply would put the items in the manifest's order


def _find(key: str, sought: JSON, items: Sequence[JSON], *, is_whole: bool) -> int | None:
    """The place of the one item that `key` names. Items of a manifest may leave keys to defaults (`protocol`)."""
    if key.startswith("v:"):
        found = [place for place, item in enumerate(items) if type(item) is type(sought) and item == sought]
    else:
        found = [
            place
            for place, item in enumerate(items)
            if isinstance(item, dict)
            and all(item.get(name) == part if is_whole or name in item else True for name, part in sought.items())
        ]
    return found[0] if len(found) == 1 else None


def _under_keys(live: JSON, sought: Mapping[str, JSON], mine: Mapping[str, JSON]) -> JSON:
    """The live item without the keys that the manifest's item leaves to their defaults."""
    return {name: value for name, value in live.items() if name in mine or name not in sought}
