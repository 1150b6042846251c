"""What a Job on the cluster says of earlier runs, and so whether it is to run now."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ownership import is_applied
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.job import assess

JSON = Any


class Course(Enum):
    """What is to be done about a Job."""

    SKIP = "it is complete"
    FOLLOW = "it is running"
    RUN = "it has not run"
    REPLACE = "it is to run again"


def course_of(live: Mapping[str, JSON] | None, manifest: Mapping[str, JSON], *, run: str, field_manager: str) -> Course:
    """A complete Job is the record that it ran, under run=changed only one of the same manifest. A failed or suspended one runs again, and so does one of another
    manifest that is not at its end."""
    if live is None:
        return Course.RUN
    if live["metadata"].get("deletionTimestamp"):
        return Course.REPLACE
    if live["spec"].get("suspend"):
        return Course.REPLACE  # given up by an earlier run
    readiness = assess(live)
    is_same = is_applied(manifest, live, field_manager)
    if readiness.done:
        is_record = run == "missing" or (run == "changed" and is_same)
        return Course.SKIP if readiness.successful and is_record else Course.REPLACE
    return Course.FOLLOW if is_same else Course.REPLACE
