"""Comparing two surveys: everything that was there is there, and the same."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.survey import (
    Survey,
    digest_of,
    history_digest,
    raw_run,
)
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport

SHOWN = 10


def compare(transport: Transport, before: Survey, after: Survey) -> dict[str, int]:
    """{what: how many are equal}. Raises TrackingError naming what is missing or differs.

    What is not in the later survey, as newer runs may have taken its place there, is asked for by its key.
    """
    client = MlflowClient(transport)
    differences = list(_differences(client, transport, before, after))
    differences += [f"run {key}, which was going on, is missing" for key in before.open_runs if not client.run(key)]
    if differences:
        more = [f"and {len(differences) - SHOWN} more"] if len(differences) > SHOWN else []
        raise TrackingError(
            f"MLflow does not hold what it held before in {len(differences)} places",
            why="; ".join(differences[:SHOWN] + more),
            differences=differences,
        )
    counts = before.counts()
    return {**counts, "open runs": len(before.open_runs)}


def _differences(client: MlflowClient, transport: Transport, before: Survey, after: Survey) -> Iterator[str]:
    for kind, things in before.things.items():
        found = after.things.get(kind, {})
        for key, digest in things.items():
            now = found.get(key) or _asked_for(client, transport, kind, key)
            if now != digest:
                yield f"{kind}: {key} {'is missing' if now is None else 'differs'}"


def _asked_for(client: MlflowClient, transport: Transport, kind: str, key: str) -> str | None:
    name, _slash, rest = key.partition("/")
    if kind == "runs":
        run = raw_run(transport, key)
        return None if run is None else digest_of(run)
    if kind == "metric histories":
        return history_digest(client, name, rest)
    if kind == "artifacts":
        return client.run_file_digest(name, rest)
    return None
