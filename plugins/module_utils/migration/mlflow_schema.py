"""MLflow's own migrations, run on one connection inside a transaction that is not theirs to end."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy.pool import StaticPool


def make_tracking(engine: sqlalchemy.Engine) -> None:
    """The tables of tracking, registry and traces, at the newest revision of this MLflow."""
    from mlflow.store.db import utils

    utils._initialize_tables(engine)


def make_auth(engine: sqlalchemy.Engine) -> None:
    """The tables of basic-auth, at the newest revision of this MLflow."""
    with _without_its_init("mlflow.server", "mlflow.server.auth"):
        from mlflow.server.auth.db import utils

    utils.migrate(engine, "head")


MAKERS: dict[str, Callable[[sqlalchemy.Engine], None]] = {"tracking": make_tracking, "auth": make_auth}


# What MLflow imports where it is there, and does without where it is not (mlflow-skinny has none of them): without
# them its import takes 120 MB and not 210.
_DONE_WITHOUT = ("pandas", "numpy", "pyarrow", "scipy", "sklearn", "matplotlib")


def import_lean() -> None:
    """Imports what the migrations need of MLflow, without what they do not need. Not undone."""
    for name in _DONE_WITHOUT:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


@contextlib.contextmanager
def _without_its_init(*packages: str) -> Iterator[None]:
    """Parts of these packages are imported without what their __init__ imports (of basic-auth: all of the server)."""
    import mlflow

    root = Path(mlflow.__file__).parent.parent
    made = [package for package in packages if package not in sys.modules]
    for package in made:
        stand_in = types.ModuleType(package)
        stand_in.__path__ = [str(root.joinpath(*package.split(".")))]
        sys.modules[package] = stand_in
    try:
        yield
    finally:
        # env.py imports the models when the migrations run, so the stand-ins stay.
        pass


def make(kind: str, connection: psycopg.Connection[Any]) -> None:
    """Makes the schema `kind` in the connection's open transaction, in the first schema of its search path.

    Raises RuntimeError where a migration ended the transaction by itself, as then it cannot be taken back.
    """
    began = transaction_of(connection)
    with engine_within(connection) as engine:
        MAKERS[kind](engine)
    if transaction_of(connection) != began:
        raise RuntimeError("a migration of MLflow ended the transaction that it ran in")


def transaction_of(connection: psycopg.Connection[Any]) -> int:
    """The number of the transaction the connection is in."""
    row = connection.execute("SELECT txid_current()").fetchone()
    assert row is not None
    return int(row[0])


@contextlib.contextmanager
def engine_within(connection: psycopg.Connection[Any]) -> Iterator[sqlalchemy.Engine]:
    """An engine all of whose connections are `connection`, and whose commits and rollbacks do nothing.

    Some of MLflow's migration environments make an engine of their own from an address: they get this one.
    """
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool, pool_reset_on_return=None
    )
    for name in ("do_commit", "do_rollback", "do_close"):
        setattr(engine.dialect, name, lambda _connection: None)
    made_from_address = sqlalchemy.engine_from_config
    sqlalchemy.engine_from_config = lambda *_arguments, **_options: engine
    try:
        yield engine
    finally:
        sqlalchemy.engine_from_config = made_from_address
