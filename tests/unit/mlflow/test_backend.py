"""Which database MLflow runs on: never one that leaves runs behind."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.backend import (
    Evidence,
    Record,
    backend_of,
    choose,
    next_record,
)


def evidence(
    recorded: str | None = None, served: str | None = None, *, sqlite: bool = False, postgres: bool = False
) -> Evidence:
    record = Record(recorded, "2026-11-24T20:00:00Z") if recorded else None
    return Evidence(record, served, has_sqlite_volume=sqlite, has_postgres_volume=postgres)


def deployment(**container: object) -> dict[str, object]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "mlflow", **container}]}}}}


def test_a_new_cluster_begins_on_sqlite_or_on_what_is_asked_for() -> None:
    assert choose("auto", evidence()) == "sqlite"
    assert choose("postgresql", evidence()) == "postgresql"


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_auto_is_what_the_cluster_is_on(backend: str) -> None:
    assert choose("auto", evidence(backend, sqlite=True, postgres=True)) == backend
    assert choose("auto", evidence(None, backend, sqlite=True, postgres=True)) == backend
    assert choose(backend, evidence(backend)) == backend


def test_the_record_counts_more_than_what_is_deployed() -> None:
    assert choose("auto", evidence("postgresql", "sqlite", sqlite=True)) == "postgresql"


def test_a_migrated_mlflow_is_not_put_back_on_sqlite() -> None:
    with pytest.raises(InvalidInput, match=r"mlflow_backend.*since 2026-11-24.*rollback-to-sqlite[.]yml"):
        choose("sqlite", evidence("postgresql"))


@pytest.mark.parametrize("filled", [evidence("sqlite"), evidence(None, "sqlite"), evidence(sqlite=True)])
def test_an_empty_postgresql_is_not_begun_beside_a_filled_sqlite(filled: Evidence) -> None:
    with pytest.raises(InvalidInput, match=r"mlflow_backend.*empty database.*migrate-to-postgres[.]yml"):
        choose("postgresql", filled)


def test_two_databases_and_no_record_are_left_to_a_person() -> None:
    for wanted in ("auto", "sqlite", "postgresql"):
        with pytest.raises(InvalidInput, match="ConfigMap tracking-backend"):
            choose(wanted, evidence(sqlite=True, postgres=True))


def test_one_database_and_no_record_is_that_one() -> None:
    assert choose("auto", evidence(sqlite=True)) == "sqlite"
    assert choose("auto", evidence(postgres=True)) == "postgresql"


def test_reads_the_database_from_environment_command_and_arguments() -> None:
    uri = "postgresql+psycopg2:///mlflow"
    assert backend_of(deployment(env=[{"name": "MLFLOW_BACKEND_STORE_URI", "value": uri}])) == "postgresql"
    assert backend_of(deployment(command=["mlflow", "server", f"--backend-store-uri={uri}"])) == "postgresql"
    assert backend_of(deployment(args=["mlflow server --backend-store-uri postgresql://x/y"])) == "postgresql"
    assert backend_of(deployment(args=["--backend-store-uri", "sqlite:////mlflow/mlflow.db"])) == "sqlite"
    assert backend_of(deployment(command=["mlflow", "server"])) == "sqlite"


def test_the_record_keeps_its_time_while_the_database_is_the_same() -> None:
    first = next_record(None, "sqlite", "claim mlflow-pvc")
    assert next_record(first, "sqlite", "claim mlflow-pvc") == first
    moved = next_record(Record("sqlite", "2020-01-01T00:00:00Z"), "postgresql", "postgres:5432/mlflow")
    assert (moved.backend, moved.address) == ("postgresql", "postgres:5432/mlflow")
    assert moved.since > "2026"
