"""Whether a Deployment that somebody else made can be adopted: its pod is looked at, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.look import Sight, looking_at
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.obstacles import (
    NEVER,
    VARIABLE,
    Wish,
    obstacles,
)
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.backend import RECORD, Evidence, Place
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.cluster import missing_permissions
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.image import unknown_revision


def adoption_refused(cluster: Cluster, place: Place, evidence: Evidence, want: Mapping[str, Any]) -> list[Finding]:
    """What stands in the way of adopting the Deployment, or of replacing it at all."""
    adopt = str(want.get("adopt") or "auto")
    if adopt == NEVER:
        why = f"it is {NEVER}, and somebody else made Deployment {place.namespace}/{place.deployment}"
        return [Finding(f"Variable {VARIABLE}", why, f"Set {VARIABLE} to auto, or delete the Deployment")]
    refused = missing_permissions(cluster, [_needed(place.namespace)])
    if refused:
        return refused
    wish = Wish(adopt, str(want.get("destination") or ""), str(want.get("endpoint") or ""))
    subject = f"Deployment {place.namespace}/{place.deployment}"
    try:
        with looking_at(cluster, place.namespace, place.deployment) as sight:
            found = [Finding(subject, each.why, each.mend) for each in obstacles(sight.facts, wish)]
            found = found or _beside_another(place, evidence, sight)
            seconds = float(want.get("image_timeout") or 0)
            if not found and seconds and want.get("image"):
                found = unknown_revision(cluster, str(want["image"]), sight.facts["revision"], subject, seconds)
            return found
    except TrackingError as error:
        return [Finding(subject, error.why or error.what, error.mend)]


def _needed(namespace: str) -> dict[str, Any]:
    return {"namespace": namespace, "resources": ["pods/exec", "pods"], "verbs": ["create", "delete"]}


def _beside_another(place: Place, evidence: Evidence, sight: Sight) -> list[Finding]:
    """Runs that are recorded elsewhere, beside those of this server: only a person knows which are to stay."""
    if evidence.record is None or sight.is_in_place(place.sqlite_claim):
        return []
    record = evidence.record
    where = f"claim {place.sqlite_claim}" if record.backend == "sqlite" else record.address or "PostgreSQL"
    return [
        Finding(
            f"Deployment {place.namespace}/{place.deployment}",
            f"somebody else made it, with {sight.told}, while ConfigMap {RECORD} says that MLflow's runs are in {where}"
            + (f" since {record.since}" if record.since else ""),
            f"Delete the Deployment to go on with those, or ConfigMap {RECORD} and what it names to adopt this one",
        )
    ]
