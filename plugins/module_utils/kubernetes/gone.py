"""Waiting until objects are gone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.subject import subjects_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watches import Watching

JSON = Any


def until_gone(
    cluster: Cluster,
    resources: Resources,
    references: Sequence[Reference],
    deadline: float,
    *,
    threads: int,
    uids: Mapping[Reference, str] | None = None,
) -> dict[Reference, Mapping[str, JSON]]:
    """Comes back when none of the objects is there any more, or at the deadline with those that still are.

    deadline: on the clock of time.monotonic; one that has passed still means one look. uids: of the objects meant;
    one that was made anew under its name counts as gone. Raises ApiError, Unreachable.
    """
    subjects = subjects_of(resources, references)
    with Watching(cluster, threads) as watching:
        watching.look(set(subjects.values()))
        is_listening = False
        while True:
            remaining = {
                reference: body
                for reference, subject in subjects.items()
                if (body := watching.items(subject).get(reference.name)) is not None
                and (uids or {}).get(reference) in (None, body["metadata"]["uid"])
            }
            if not remaining or time.monotonic() >= deadline:
                return remaining
            if not is_listening:
                is_listening = True
                watching.listen()
            for subject in set(subjects.values()) - {subjects[reference] for reference in remaining}:
                watching.drop(subject)
            watching.await_change(deadline)
