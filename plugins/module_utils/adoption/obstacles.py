"""What keeps a server from being adopted without a loss: told from what was seen of it, before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

JSON = Any

VARIABLE = "mlflow_adopt"
AUTO, WITHOUT_ARTIFACTS, NEVER = "auto", "without_artifacts", "never"
CHOICES = (AUTO, WITHOUT_ARTIFACTS, NEVER)
_LEAVE = f"or set {VARIABLE} to {WITHOUT_ARTIFACTS} to leave them behind"


@dataclass(frozen=True)
class Wish:
    """How a server is to be adopted. destination and endpoint: where artifacts are kept from then on."""

    adopt: str
    destination: str
    endpoint: str


@dataclass(frozen=True)
class Obstacle:
    """Why not, and what to do about it."""

    why: str
    mend: str


def obstacles(facts: Mapping[str, JSON], wish: Wish) -> list[Obstacle]:
    """All of them. facts: what the old side's `look` tells."""
    return [*_of_database(facts), *(_of_artifacts(facts, wish) if wish.adopt == AUTO else [])]


def _of_database(facts: Mapping[str, JSON]) -> list[Obstacle]:
    backend = facts["backend"]
    if facts["path"] is None:
        if urlsplit(backend).scheme in ("", "file"):
            return [
                Obstacle(
                    f"its runs are files in {backend}, in no database",
                    "Move them into SQLite first (mlflow migrate-filestore of a newer MLflow), and start it on that",
                )
            ]
        return [
            Obstacle(
                f"its runs are in {backend}, and only a server on SQLite is adopted",
                "Name that database by postgres_mode and postgres_external_* with mlflow_backend set to postgresql, "
                "if it is PostgreSQL, and delete the Deployment; its runs stay where they are",
            )
        ]
    found = []
    if facts["revision"] is None:
        found.append(Obstacle(f"its database {facts['path']} is not MLflow's, or of MLflow before 1.0", "Look at it"))
    if facts["is_registry_apart"]:
        why = f"its model registry is in a database of its own, {facts['registry']}"
        found.append(Obstacle(why, "Move the registry into the database of the runs first"))
    if facts["app"]:
        why = f"it runs with --app-name {facts['app']}, whose users and rights role mlflow knows nothing of"
        found.append(
            Obstacle(why, f"Start it without --app-name first, or leave it alone with {VARIABLE} set to {NEVER}")
        )
    return found


def _of_artifacts(facts: Mapping[str, JSON], wish: Wish) -> list[Obstacle]:
    found = []
    if facts.get("places"):
        some = ", ".join(facts["places"][:3]) + (" and others" if len(facts["places"]) > 3 else "")
        found.append(
            Obstacle(
                f"runs, experiments or models name folders of its pod as the place of their files ({some}), which no "
                "other server can give out",
                f"Copy what is of worth out of them first, then set {VARIABLE} to {WITHOUT_ARTIFACTS}",
            )
        )
    if facts["serves_artifacts"] and facts["artifacts"] is None:
        is_same = _same(facts["destination"], wish.destination)
        if not is_same:
            why = (
                f"it keeps artifacts in {facts['destination']}, and mlflow_artifacts_destination is {wish.destination}"
            )
            mend = f"Set minio_bucket and minio_artifact_prefix (or mlflow_artifacts_destination) to that, {_LEAVE}"
            found.append(Obstacle(why, mend))
        elif facts["endpoint"] and not _same(facts["endpoint"], wish.endpoint):
            why = f"it keeps artifacts at {facts['endpoint']}, and mlflow_s3_endpoint_url is {wish.endpoint}"
            found.append(Obstacle(why, f"Set minio_mode to external and the endpoint to that, {_LEAVE}"))
    if facts["artifacts"] and not facts["can_be_stopped"]:
        why = "it is the first process of its container, and cannot be held still while its artifacts are copied"
        found.append(Obstacle(why, f"Start it by the command mlflow server, {_LEAVE}"))
    return found


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")
