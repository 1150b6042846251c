"""Whether the database that is wanted is the one MLflow's runs are in, and can carry what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.backend import (
    SQLITE,
    Evidence,
    Place,
    choose,
    look,
)
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.adoption import adoption_refused
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding


def impossible_backends(cluster: Cluster, wanted: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """`wanted`: variable, backend, namespace, deployment, both claims; replicas_variable and replicas of the server.

    Also adopt, destination and endpoint: how a server that somebody else made is to be adopted.
    """
    found = []
    for want in wanted:
        place = Place(want["namespace"], want["deployment"], want["sqlite_claim"], want["postgres_claim"])
        try:
            evidence = look(cluster, place)
            backend = choose(str(want["backend"]), evidence)
        except InvalidInput as error:
            found.append(Finding(f"Variable {want['variable']}", error.why, error.mend))
            continue
        found += (
            adoption_refused(cluster, place, evidence, want) if evidence.is_foreign else _elsewhere(place, evidence)
        )
        if backend == SQLITE and int(want["replicas"]) > 1:
            why = f"{want['replicas']} replicas cannot share SQLite, which has one writer"
            mend = f"Set {want['replicas_variable']} to 1, or run migrate-to-postgres.yml first"
            found.append(Finding(f"Variable {want['replicas_variable']}", why, mend))
    return found


def _elsewhere(place: Place, evidence: Evidence) -> list[Finding]:
    """A server of ours that somebody pointed elsewhere: to apply ours again would leave its runs behind."""
    if evidence.served != SQLITE or place.sqlite_claim in evidence.mounted:
        return []
    where = f"on claim {', '.join(evidence.mounted)}" if evidence.mounted else "on no claim, so they end with its pod"
    return [
        Finding(
            f"Deployment {place.namespace}/{place.deployment}",
            f"its runs are {where}, not on claim {place.sqlite_claim}: replacing it would leave them behind",
            "Copy its database out of the running pod (by sqlite3's backup), put it as mlflow.db onto claim "
            f"{place.sqlite_claim}, and only then delete the Deployment",
        )
    ]
