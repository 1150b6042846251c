"""Comparing two surveys: whether everything that was there is there, and the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

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


ANYTHING = "*"


@dataclass(frozen=True)
class Compared:
    """equal: {what: how many}. differing, left_out: what differs, a sentence each, by mistake or on purpose."""

    equal: dict[str, int] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def need_equal(self) -> None:
        """Raises TrackingError naming what differs."""
        if not self.differing:
            return
        more = [f"and {len(self.differing) - SHOWN} more"] if len(self.differing) > SHOWN else []
        raise TrackingError(
            f"MLflow does not hold what it held before in {len(self.differing)} places",
            why="; ".join(self.differing[:SHOWN] + more),
            mend="If a client changed these while it was read, do the same again",
            differences=self.differing,
        )


def compare(transport: Transport, before: Survey, after: Survey, left_out: Collection[str] = ()) -> Compared:
    """What of the earlier survey is missing or differs.

    What is not in the later survey, as newer runs may have taken its place there, is asked for by its key.
    left_out: ids of which rows were left out on purpose; ANYTHING where they are too many to name.
    """
    client = MlflowClient(transport)
    found = list(_differences(client, transport, before, after))
    missing = [key for key in before.open_runs if not client.run(key)]
    found += [("open runs", key, f"run {key}, which was going on, is missing") for key in missing]
    equal = {**before.counts(), "open runs": len(before.open_runs)}
    for kind, _, _ in found:
        equal[kind] -= 1
    return Compared(
        equal,
        differing=[sentence for _, key, sentence in found if not _is_named(key, left_out)],
        left_out=[sentence for _, key, sentence in found if _is_named(key, left_out)],
    )


def _is_named(key: str, ids: Collection[str]) -> bool:
    return ANYTHING in ids or not {key, *key.split("/")}.isdisjoint(ids)


def _differences(
    client: MlflowClient, transport: Transport, before: Survey, after: Survey
) -> Iterator[tuple[str, str, str]]:
    """(kind, key, sentence) of each."""
    for kind, things in before.things.items():
        found = after.things.get(kind, {})
        for key, digest in things.items():
            now = found.get(key) or _asked_for(client, transport, kind, key)
            if now != digest:
                yield kind, key, f"{kind}: {key} {'is missing' if now is None else 'differs'}"


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
