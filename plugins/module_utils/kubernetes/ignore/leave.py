"""Leaving ignored fields to others: what a manifest says of them is made to change nothing on the cluster.

What only we hold of an ignored field keeps its live value, since an apply without it would remove it. The rest is left
out: it stays, as others hold it. What does not exist yet, an object or an item of a list, is made as described.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.manifest_edit import ManifestEdit
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.rules import Rule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import (
    Fields,
    Path,
    applied_by,
    entries,
    held_paths,
    union,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any


def left_to_others(
    manifests: Sequence[Manifest], live: Mapping[Reference, JSON], rules: Sequence[Rule], manager: str
) -> list[Manifest]:
    """The manifests as they are to be applied beside what lies on the cluster. `manager` is ours."""
    if not rules:
        return list(manifests)
    return [left(manifest, live.get(manifest.reference), rules, manager) for manifest in manifests]


def left(manifest: Manifest, live: Mapping[str, JSON] | None, rules: Sequence[Rule], manager: str) -> Manifest:
    """One manifest. live: None for an object that is not there."""
    mine = [rule for rule in rules if rule.is_for(manifest.reference)]
    if live is None or not mine:
        return manifest
    entry = applied_by(live, manager)
    ours: Fields = (entry or {}).get("fieldsV1") or {}
    others: Fields = {}
    for each in entries(live):
        if each is not entry:
            others = union(others, each.get("fieldsV1") or {})
    edit = ManifestEdit(manifest.body, live, ours, others)
    for path in _shortest_first(path for rule in mine for path in rule.paths(manifest.body)):
        edit.leave_described(path)
    for path in _shortest_first(_in_live(mine, live, manager)):
        edit.leave_live(path)
    return replace(manifest, body=edit.done())


def _in_live(rules: Sequence[Rule], live: Mapping[str, JSON], manager: str) -> Iterator[Path]:
    for rule in rules:
        yield from rule.paths_in_live(live)
        for entry in entries(live):
            if entry["manager"] != manager and rule.names_manager(entry["manager"]):
                yield from held_paths(entry.get("fieldsV1") or {}, live)


def _shortest_first(paths: Iterator[Path]) -> list[Path]:
    return sorted(set(paths), key=lambda path: (len(path), [str(step) for step in path]))
