"""Which database MLflow's metadata is in: what the cluster recorded, what it shows, and what is wanted.

There must never be two that both take writes, so whatever would lead to that is refused.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import APPLY
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import has_applied
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.moment import moment

JSON = Any

SQLITE, POSTGRESQL = "sqlite", "postgresql"
RECORD = "tracking-backend"
VARIABLE = "mlflow_backend"
FIELD_MANAGER = "mlops.tracking"


@dataclass(frozen=True)
class Place:
    """The names by which a stack's metadata is found on a cluster."""

    namespace: str
    deployment: str
    sqlite_claim: str
    postgres_claim: str


@dataclass(frozen=True)
class Record:
    """What the cluster wrote down. since: ISO 8601; address: host:port/database where it is PostgreSQL."""

    backend: str
    since: str = ""
    address: str = ""

    def as_data(self) -> dict[str, str]:
        """The data of its ConfigMap."""
        return {"backend": self.backend, "since": self.since, "address": self.address}


@dataclass(frozen=True)
class Evidence:
    """What a cluster shows. served: what the Deployment runs on, mounted: its pod's claims.

    claims: those of the two that have a volume. is_foreign: somebody else made the Deployment, and it is to stay.
    """

    record: Record | None
    served: str | None
    has_sqlite_volume: bool
    has_postgres_volume: bool
    mounted: tuple[str, ...] = ()
    is_foreign: bool = False

    def current(self) -> str | None:
        """The database metadata is in; None where there is none yet. Raises InvalidInput where nobody can tell."""
        if self.record is not None:
            return self.record.backend
        if self.served is not None:
            return self.served
        if self.has_sqlite_volume and self.has_postgres_volume:
            raise InvalidInput(
                VARIABLE,
                f"both databases have a volume, no MLflow runs, and ConfigMap {RECORD}, which named one, is gone",
                f"Restore that ConfigMap, or create it with the key backend set to {SQLITE} or {POSTGRESQL}",
            )
        if self.has_sqlite_volume or self.has_postgres_volume:
            return SQLITE if self.has_sqlite_volume else POSTGRESQL
        return None


def look(cluster: Cluster, place: Place, field_manager: str = FIELD_MANAGER) -> Evidence:
    """Reads what the cluster shows; nothing is there where its namespace is not."""
    claims = f"/api/v1/namespaces/{place.namespace}/persistentvolumeclaims"
    deployment = _staying(cluster.get(f"/apis/apps/v1/namespaces/{place.namespace}/deployments/{place.deployment}"))
    return Evidence(
        record=read_record(cluster, place.namespace),
        served=backend_of(deployment) if deployment else None,
        has_sqlite_volume=_has_volume(cluster.get(f"{claims}/{place.sqlite_claim}")),
        has_postgres_volume=_has_volume(cluster.get(f"{claims}/{place.postgres_claim}")),
        mounted=_mounted(deployment) if deployment else (),
        is_foreign=deployment is not None and is_foreign(deployment, field_manager),
    )


def choose(wanted: str, evidence: Evidence) -> str:
    """The database to run on. Raises InvalidInput where that would leave the present one's runs behind."""
    current = evidence.current()
    if wanted == "auto":
        return current or SQLITE
    if current in (None, wanted):
        return wanted
    since = f" since {evidence.record.since}" if evidence.record and evidence.record.since else ""
    if wanted == SQLITE:
        raise InvalidInput(
            VARIABLE,
            f"it is {SQLITE}, and MLflow is on PostgreSQL{since}, whose runs SQLite would not have",
            f"Run rollback-to-sqlite.yml, which goes back only where nothing is lost, or leave {VARIABLE} at auto",
        )
    raise InvalidInput(
        VARIABLE,
        f"it is {POSTGRESQL}, and MLflow's runs are in SQLite{since}: it would start on an empty database beside them",
        f"Run migrate-to-postgres.yml, which moves and compares them, and leave {VARIABLE} at auto",
    )


def read_record(cluster: Cluster, namespace: str) -> Record | None:
    """What was written down. Raises InvalidInput where it is no database we know."""
    live = cluster.get(_path(namespace))
    if live is None:
        return None
    data = live.get("data") or {}
    if data.get("backend") not in (SQLITE, POSTGRESQL):
        raise InvalidInput(
            VARIABLE,
            f"ConfigMap {namespace}/{RECORD} says that MLflow is on {data.get('backend')!r}",
            f"Set its key backend to {SQLITE} or {POSTGRESQL}, whichever MLflow is on",
        )
    return Record(data["backend"], data.get("since", ""), data.get("address", ""))


def write_record(cluster: Cluster, namespace: str, record: Record, field_manager: str) -> None:
    """Writes it down. It stays when the stack is taken away: it belongs to the data."""
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": RECORD,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/part-of": "mlops-tracking"},
            "annotations": {"tracking.mlops/keep": "it says which database holds MLflow's runs"},
        },
        "data": record.as_data(),
    }
    query = {"fieldManager": field_manager, "force": "true"}
    cluster.request("PATCH", _path(namespace), query=query, body=body, content_type=APPLY)


def next_record(before: Record | None, backend: str, address: str) -> Record:
    """What is to be written down: the time is kept where the database is the same."""
    if before is not None and before.backend == backend:
        return Record(backend, before.since, address)
    return Record(backend, moment(time.time()), address)


def backend_of(deployment: Mapping[str, JSON]) -> str:
    """The database that a Deployment of MLflow is told to use, by environment or argument; SQLite by default."""
    for container in deployment["spec"]["template"]["spec"].get("containers") or []:
        words = [*(container.get("command") or []), *(container.get("args") or [])]
        words += [str(each.get("value", "")) for each in container.get("env") or [] if each["name"] == _URI_VARIABLE]
        if any("postgresql" in str(word) for word in words):
            return POSTGRESQL
    return SQLITE


def is_foreign(deployment: Mapping[str, JSON], field_manager: str = FIELD_MANAGER) -> bool:
    """Whether nothing of it was ever applied from here. One that is being deleted is nobody's any more."""
    return _staying(deployment) is not None and not has_applied(deployment, field_manager)


_URI_VARIABLE = "MLFLOW_BACKEND_STORE_URI"


def _mounted(deployment: Mapping[str, JSON]) -> tuple[str, ...]:
    volumes = deployment["spec"]["template"]["spec"].get("volumes") or []
    claims = {each["persistentVolumeClaim"]["claimName"] for each in volumes if "persistentVolumeClaim" in each}
    return tuple(sorted(claims))


def _staying(deployment: Mapping[str, JSON] | None) -> Mapping[str, JSON] | None:
    """None for one that is being deleted, as an adoption leaves it: what it ran on tells nothing any more."""
    return deployment if deployment and not deployment["metadata"].get("deletionTimestamp") else None


def _has_volume(claim: Mapping[str, JSON] | None) -> bool:
    return claim is not None and bool(claim["spec"].get("volumeName"))


def _path(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps/{RECORD}"
