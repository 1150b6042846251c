"""Fields that others added to a described object: server-side apply leaves them, so no prediction shows them.

An extra field is one that another manager holds, that we neither hold nor describe, and that is no default. The last
the server itself tells: it is asked, by a dry run, for the object without these fields, and fills in what it fills in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import comparable, differing
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import (
    Finding,
    State,
    pointer,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.hands import (
    foreign,
    holders,
    is_held_by,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.states import value_at
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.pairs import to_described
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.field_paths import by_name, joined
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import (
    Fields,
    Path,
    entries,
    held_paths,
    union,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask

JSON = Any
Body = Mapping[str, JSON]

_JSON_PATCH = "application/json-patch+json"
# Notes that tools and controllers keep on objects, and that say nothing of how an object is to be.
_NOTES = re.compile(
    r"kubectl\.kubernetes\.io/(last-applied-configuration|restartedAt)|deployment\.kubernetes\.io/.*"
    r"|(pv|volume|volume\.beta)\.kubernetes\.io/.*|kubernetes\.io/metadata\.name|control-plane\.alpha\.kubernetes\.io/.*"
    r"|deprecated\.daemonset\.template\.generation"
)
_BOOKKEEPING = frozenset({"ownerReferences", "managedFields", "generation", "resourceVersion", "uid"})


@dataclass(frozen=True)
class Extra:
    """A field that others added. default: what the server would fill in instead; None for nothing."""

    path: Path
    default: JSON = None


def foreign_findings(
    cluster: Cluster, resources: Resources, manifest: Manifest, live: Body, mask: Mask, ours: str
) -> list[Finding]:
    """The fields that others added. One dry run, where there are any at all. Raises ApiError, Unreachable."""
    path = resources.find(manifest.reference.api_version, manifest.reference.kind).path(manifest.reference)
    extras = extra_paths(cluster, path, manifest.body, live, ours)
    if not extras:
        return []
    masked = mask.masked(comparable(live))
    return [_finding(live, masked, Extra(each.path, mask.shown(each.default)), ours) for each in extras]


def extra_paths(cluster: Cluster, path: str, described: Body, live: Body, ours: str) -> list[Extra]:
    """Those added fields that are no defaults. path: of the object on the server."""
    suspects = added_paths(described, live, ours)
    without = _without(cluster, path, suspects, ours) if suspects else None
    if without is None:
        return [Extra(suspect) for suspect in suspects]
    places = [each for each in differing(comparable(live), comparable(without)) if each.before is not None]
    extras = []
    for suspect in suspects:
        mine = [place for place in places if _is_along(place.before or (), suspect)]
        if mine:
            extras.append(Extra(suspect, _default(without, suspect)))
    return extras


def remove(cluster: Cluster, path: str, live: Body, fields: Sequence[Path], ours: str) -> None:
    """Takes fields out of an object, if it is still as it was seen. Raises ApiError."""
    version = live["metadata"]["resourceVersion"]
    patch = [{"op": "test", "path": "/metadata/resourceVersion", "value": version}, *_removals(fields)]
    cluster.request("PATCH", path, query={"fieldManager": ours}, body=patch, content_type=_JSON_PATCH)


def _default(without: Body, path: Path) -> JSON:
    """What the server fills in there; None for nothing. Items of a list have none, as their places have moved."""
    value: JSON = without
    for step in path:
        if not isinstance(step, str) or not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


def added_paths(described: Body, live: Body, ours: str) -> list[Path]:
    """Where others added something to what is described: the highest places only. Pure."""
    held: Fields = {}
    for entry in entries(live):
        held = union(held, entry.get("fieldsV1") or {})
    found: dict[Path, None] = {}
    for entry in foreign(live, ours):
        for path in held_paths(entry.get("fieldsV1") or {}, live):
            known = len(to_described(path, described, live, held))
            if known < len(path) and not _is_note(path) and not is_held_by(live, path[: known + 1], ours):
                found[path[: known + 1]] = None
    return list(found)


def _without(cluster: Cluster, path: str, suspects: Sequence[Path], ours: str) -> Body | None:
    """The object as the server would keep it without these fields; None where it would not do without them."""
    query = {"fieldManager": ours, "dryRun": "All"}
    try:
        answer: Body = cluster.request("PATCH", path, query=query, body=_removals(suspects), content_type=_JSON_PATCH)
        return answer
    except ApiError as error:
        if error.status not in (409, 422):
            raise
        return None


def _removals(fields: Sequence[Path]) -> list[dict[str, str]]:
    return [{"op": "remove", "path": pointer(each)} for each in sorted(fields, key=_order, reverse=True)]


def _finding(live: Body, masked: JSON, extra: Extra, ours: str) -> Finding:
    path = extra.path
    hand = holders(live, path, ours)[0]
    return Finding(
        State.EXTRA if extra.default is None else State.CHANGED,
        _spelled(path, live),
        pointer(path),
        extra.default,
        value_at(masked, path),
        str(hand["manager"]),
        str(hand.get("time") or ""),
    )


def _spelled(path: Path, value: JSON) -> str:
    """A path for people: items of lists by their names, where all have one."""
    text = ""
    for step in path:
        if isinstance(step, str):
            text = joined(text, step)
        else:
            text += f"[{value[step]['name'] if by_name(value) is not None else step}]"
        value = value[step]
    return text


def _is_note(path: Path) -> bool:
    if path[0] == "status" or (path[0] == "metadata" and path[1] in _BOOKKEEPING):
        return True
    return path[-2:-1] in (("annotations",), ("labels",)) and bool(_NOTES.fullmatch(str(path[-1])))


def _is_along(one: Path, other: Path) -> bool:
    """Whether one path is the other, or lies above or below it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _order(path: Path) -> tuple[tuple[int, str | int], ...]:
    """Items of a list by their numbers, so that removing the last first leaves the others where they are."""
    return tuple((0, step) if isinstance(step, int) else (1, step) for step in path)
