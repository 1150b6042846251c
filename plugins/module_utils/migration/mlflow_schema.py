"""MLflow's own migrations, run on one connection inside a transaction that is not theirs to end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy.pool import StaticPool


def make_tracking(engine: sqlalchemy.Engine) -> None:
    """The tables of tracking, registry and traces, at the newest revision of this MLflow."""
    from mlflow.store.db import utils  # takes seconds and 200 MB

    utils._initialize_tables(engine)


def make_auth(engine: sqlalchemy.Engine) -> None:
    """The tables of basic-auth, at the newest revision of this MLflow."""
    from mlflow.server.auth.db import utils

    utils.migrate(engine, "head")


MAKERS: dict[str, Callable[[sqlalchemy.Engine], None]] = {"tracking": make_tracking, "auth": make_auth}


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
