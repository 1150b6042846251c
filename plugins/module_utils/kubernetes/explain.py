"""An object's failure as one sentence for people: which object, what the server said, and the mend."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.conflicts import conflicts_in
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import ApiError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference

JSON = Any

_LONGEST_STORY = 2000


def explained(reference: Reference, error: TrackingError, mask: Mask, live: Mapping[str, JSON] | None = None) -> str:
    """`Deployment monitoring/mlflow: ...` without secrets. `live` knows since when a field is another manager's."""
    if isinstance(error, ApiError):
        story = _shortened(mask.text(_conflict(error, live) or _refusal(error)))
        tries = f" (after {error.tries} tries)" if error.tries > 1 else ""
        return f"{reference}: {story}{tries}"
    return mask.text(f"{reference}: {error}")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_STORY else f"{text[:_LONGEST_STORY]}..."


def _conflict(error: ApiError, live: Mapping[str, JSON] | None) -> str:
    conflicts = conflicts_in(error, live)
    fields = "; ".join(str(conflict) for conflict in conflicts)
    paths = ", ".join(json.dumps(path) for path in dict.fromkeys(conflict.path for conflict in conflicts))
    mend = (
        f"Leave these fields out, leave them to their manager (ignore), or take them over (force_conflicts: [{paths}])."
    )
    return f"conflict: {fields}. {mend}" if fields else ""


def _refusal(error: ApiError) -> str:
    if error.status == 422 and ("immutable" in error.message or "forbidden: updates to" in error.message):
        return f"{error.message}. The field cannot change on an existing object: delete the object first."
    if any(cause.get("reason") == "NamespaceTerminating" for cause in error.causes):
        namespace = error.message.rpartition("in namespace ")[2].partition(" ")[0]
        return f"namespace {namespace} is being deleted, and takes all that is in it along. Run again once it is gone."
    return f"{error.status} {error.reason}: {error.message}." + (f" {error.mend}." if error.mend else "")
