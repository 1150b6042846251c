"""Waiting until objects are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

if TYPE_CHECKING:
    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watches import Watching

JSON = Any


def until_gone(
    cluster: Cluster,
    resources: Resources,
    bodies: Mapping[Reference, Mapping[str, JSON]],
    threads: int,
    deadline: float,
    progress: Progress,
) -> dict[Reference, Mapping[str, JSON]]:
    """Comes back when these very objects (their uid counts) are gone, or at the deadline with those that are not.

    deadline: on the clock of time.monotonic; one that has passed still means one look. Raises ApiError, Unreachable.
    """
    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.subject import subjects_of
    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.until_none import until_none

    subjects = subjects_of(resources, bodies)

    def left(watching: Watching) -> dict[Reference, Mapping[str, JSON]]:
        remaining = {
            reference: body
            for reference, subject in subjects.items()
            if (body := watching.items(subject).get(reference.name)) is not None
            and body["metadata"]["uid"] == bodies[reference]["metadata"]["uid"]
        }
        _tell(progress, bodies, remaining)
        for subject in set(subjects.values()) - {subjects[reference] for reference in remaining}:
            watching.drop(subject)
        return remaining

    return until_none(cluster, threads, subjects.values(), left, deadline)


def _tell(progress: Progress, bodies: Iterable[Reference], remaining: Mapping[Reference, Mapping[str, JSON]]) -> None:
    for reference in bodies:
        if reference not in remaining:
            progress.end(str(reference), "gone")
            continue
        holders = ", ".join(remaining[reference]["metadata"].get("finalizers") or [])
        progress.now(str(reference), "being deleted" + (f", held by {holders}" if holders else ""))
