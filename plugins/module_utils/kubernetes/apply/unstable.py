"""Objects that do not stay as they are written: the very next run would write them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.ownership import is_applied
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import look_closely
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.leave import left
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.rules import Rule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest

JSON = Any


def unstable_paths(
    cluster: Cluster,
    resources: Resources,
    manifest: Manifest,
    answer: Mapping[str, JSON],
    how: Applying,
    rules: Sequence[Rule] = (),
) -> list[str]:
    """What a dry run right after a write would change again.

    answer: the object as the write left it. rules: what the next run ignores.
    Asks nothing where the answer alone shows that it would not. What cannot be told is left to the next run.
    """
    manifest = left(manifest, answer, rules, how.field_manager)
    if is_applied(manifest.body, answer, how.field_manager):
        return []
    try:
        resource = resources.find(manifest.reference.api_version, manifest.reference.kind)
        live = cluster.get(resource.path(manifest.reference))
        if live is None:
            return []
        manifest = left(manifest, live, rules, how.field_manager)
        return look_closely(cluster, resources, manifest, live, how).changes
    except TrackingError:
        return []


def warnings_of(rows: Sequence[Result]) -> list[str]:
    """One sentence for each such object."""
    return [
        f"{row.reference} is unstable: right after it was written, the API server would change "
        f"{', '.join(row.unstable)} again. Write the value as the server keeps it, or name it in ignore."
        for row in rows
        if row.unstable
    ]
