"""An object's failure as one sentence for people: which object, what the server said, and the mend."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.conflicts import conflicts_in
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference, named
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask

JSON = Any

_LONGEST_STORY = 2000


def explained(reference: Reference, error: TrackingError, mask: Mask, live: Mapping[str, JSON] | None = None) -> str:
    """`Deployment monitoring/mlflow: ...` without secrets. `live` knows since when a field is another manager's."""
    tries = getattr(error, "tries", 1)
    story = (_conflict(error, live) or _refusal(reference, error)) if isinstance(error, ApiError) else str(error)
    return f"{reference}: {_shortened(mask.text(story))}{_after([tries])}"


def told_together(failed: Mapping[Reference, Result]) -> str:
    """The rows' errors as `explained` gave them, those of many objects told once with their names."""
    alike: dict[str, list[Reference]] = {}
    for reference, row in failed.items():
        story = row.error.removeprefix(f"{reference}: ").removesuffix(_after([row.tries]))
        alike.setdefault(story, []).append(reference)
    return " ".join(
        f"{named(references)}: {story}{_after([max(failed[each].tries, 1) for each in references])}"
        for story, references in alike.items()
    )


def _after(tries: Collection[int]) -> str:
    """` (after 2 to 4 tries)`; nothing for one."""
    least, most = min(tries), max(tries)
    return f" (after {most if least == most else f'{least} to {most}'} tries)" if most > 1 else ""


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


def _refusal(reference: Reference, error: ApiError) -> str:
    if error.misshapen:
        mend = "correct the template or definition"
        return f"{error.misshapen.rstrip('.')}. This is no {reference.kind} of {reference.api_version}: {mend}."
    if error.status == 422 and ("immutable" in error.message or "forbidden: updates to" in error.message):
        return f"{error.message}. The field cannot change on an existing object: delete the object first."
    if any(cause.get("reason") == "NamespaceTerminating" for cause in error.causes):
        namespace = error.message.rpartition("in namespace ")[2].partition(" ")[0]
        return f"namespace {namespace} is being deleted, and takes all that is in it along. Run again once it is gone."
    answer = f"{error.status} {error.reason}"
    if error.status == 404 and error.details.get("kind") == "namespaces" and reference.namespace:
        return f"{answer}: there is no namespace {reference.namespace}. Describe it in the same set, or make it first."
    if error.status == 404 and reference.name not in error.message:
        return (
            f"{answer}: the cluster does not serve {reference.kind} in {reference.api_version}, or no longer. "
            "Install its CustomResourceDefinition or API service, and run again."
        )
    return f"{answer}: {error.message.rstrip('.')}." + (f" {error.mend}." if error.mend else "")
