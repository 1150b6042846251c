"""Waiting until no pod of a workload runs any more, not even one that is ending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import has_ended
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

if TYPE_CHECKING:
    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watches import Watching

JSON = Any


def until_at_rest(
    cluster: Cluster,
    resources: Resources,
    selectors: Mapping[Reference, str],
    deadline: float,
    progress: Progress,
) -> dict[Reference, list[str]]:
    """Comes back when no pod of these workloads runs, or at the deadline with the names of those that do.

    selectors: how a query finds each workload's pods. deadline: on the clock of time.monotonic; one that has passed
    still means one look. Raises ApiError, Unreachable.
    """
    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.subject import Subject
    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.until_none import until_none

    pods = resources.find("v1", "Pod")
    subjects = {each: Subject(pods, each.namespace, labels=selector) for each, selector in selectors.items()}

    def left(watching: Watching) -> dict[Reference, list[str]]:
        found = {each: _running(watching.items(subject)) for each, subject in subjects.items()}
        _tell(progress, found)
        return {each: names for each, names in found.items() if names}

    return until_none(cluster, max(1, len(subjects)), subjects.values(), left, deadline)


def _running(pods: Mapping[str, JSON]) -> list[str]:
    return sorted(name for name, pod in pods.items() if not has_ended(pod))


def _tell(progress: Progress, found: Mapping[Reference, list[str]]) -> None:
    for reference, names in found.items():
        if names:
            progress.now(str(reference), f"{len(names)} pod{'s' if len(names) > 1 else ''} still to end")
        else:
            progress.end(str(reference), "at rest")
