"""An object's failure as one sentence for people: which object, what the server said, and the mend."""

from __future__ import annotations

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.conflicts import conflicts_in
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import ApiError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference


def explained(reference: Reference, error: TrackingError, mask: Mask) -> str:
    """`Deployment monitoring/mlflow: ...` without secrets."""
    if isinstance(error, ApiError):
        story = _conflict(error) or _refusal(error)
        tries = f" (after {error.tries} tries)" if error.tries > 1 else ""
        return mask.text(f"{reference}: {story}{tries}")
    return mask.text(f"{reference}: {error}")


def _conflict(error: ApiError) -> str:
    fields = "; ".join(str(conflict) for conflict in conflicts_in(error))
    mend = "Leave these fields out, or take them over with force_conflicts: true."
    return f"conflict: {fields}. {mend}" if fields else ""


def _refusal(error: ApiError) -> str:
    if error.status == 422 and ("immutable" in error.message or "forbidden: updates to" in error.message):
        return f"{error.message}. The field cannot change on an existing object: delete the object first."
    return f"{error.status} {error.reason}: {error.message}." + (f" {error.mend}." if error.mend else "")
