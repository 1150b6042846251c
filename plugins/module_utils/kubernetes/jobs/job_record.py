"""What a Job on the cluster says of earlier runs, and so whether it is to run now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.job import assess

JSON = Any

DIGEST = "tracking.mlops/manifest-digest"


class Course(Enum):
    """What is to be done about a Job."""

    SKIP = "it is complete"
    FOLLOW = "it is running"
    RUN = "it has not run"
    REPLACE = "it is to run again"


def digest_of(manifest: Mapping[str, JSON]) -> str:
    """What tells two manifests apart, also where the server has rewritten a value."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def course_of(live: Mapping[str, JSON] | None, manifest: Mapping[str, JSON], *, run: str) -> Course:
    """A complete Job is the record that it ran; under run=changed only one of the same manifest.

    A failed or suspended one runs again, and so does one of another manifest that is not at its end.
    """
    if live is None:
        return Course.RUN
    if live["metadata"].get("deletionTimestamp") or live["spec"].get("suspend"):
        return Course.REPLACE  # on its way out, or given up by an earlier run
    is_same = _digest(live) == _digest(manifest)
    readiness = assess(live)
    if readiness.done:
        is_record = run == "missing" or (run == "changed" and is_same)
        return Course.SKIP if readiness.successful and is_record else Course.REPLACE
    return Course.FOLLOW if is_same else Course.REPLACE


def _digest(body: Mapping[str, JSON]) -> str:
    return str((body["metadata"].get("annotations") or {}).get(DIGEST, ""))
