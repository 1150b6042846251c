"""PostgreSQL as the target: reached, empty, with the rights that are needed, and nobody else migrating to it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from .errors import LockedRefused, TargetRefused

APPLICATION = "mlops.tracking migration"
_LOCK = 0x6D6C6F7073  # "mlops"
_OLDEST = 130000
# Rows that MLflow's own migrations write into a new database.
_SEEDED = {"workspaces": "SELECT name::text FROM {} WHERE name <> 'default'"}

Connection: TypeAlias = "psycopg.Connection[Any]"


def connect(password: str, label: str) -> Connection:
    """A connection in autocommit to what libpq's environment variables name. Raises TargetRefused."""
    options: dict[str, Any] = {"application_name": f"{APPLICATION} {label}", "connect_timeout": 10}
    if password:
        options["password"] = password
    try:
        connection = psycopg.connect("", autocommit=True, **options)
    except psycopg.OperationalError as error:
        raise TargetRefused(_sentence(error)) from None
    # A commit is not taken for done before the disk has it, nor is a scan begun in the middle of a table.
    connection.execute("SET synchronous_commit = on")
    connection.execute("SET synchronize_seqscans = off")
    # MLflow's migrations ask the catalog much, and to compile what they ask takes longer than to answer it.
    connection.execute("SET jit = off")
    connection.execute("SET lock_timeout = '30s'")
    return connection


def _sentence(error: psycopg.OperationalError) -> str:
    said = " ".join(str(error).split())
    where = f"{os.environ.get('PGHOST', 'localhost')}:{os.environ.get('PGPORT', '5432')}"
    database, user = os.environ.get("PGDATABASE", ""), os.environ.get("PGUSER", "")
    if "authentication failed" in said or "no password supplied" in said:
        return f"PostgreSQL at {where} refuses user {user}'s password: set the one that it has (PGPASSWORD)."
    if "does not exist" in said and "database" in said:
        return f"PostgreSQL at {where} has no database {database}: create it, or name another (PGDATABASE)."
    if "does not exist" in said and "role" in said:
        return f"PostgreSQL at {where} has no user {user}: create it, or name another (PGUSER)."
    if "no pg_hba.conf entry" in said:
        return f"PostgreSQL at {where} lets user {user} not in from here: allow it in pg_hba.conf ({said})."
    if "SSL" in said or "certificate" in said:
        return f"PostgreSQL at {where} and this program agree on no TLS: see PGSSLMODE and PGSSLROOTCERT ({said})."
    return f"PostgreSQL at {where} cannot be reached: see that it runs and lets this pod in ({said})."


def place(connection: Connection) -> str:
    """What tells this database from every other, also after it was dropped and made again."""
    row = connection.execute(
        "SELECT current_database()::text, (SELECT oid FROM pg_database WHERE datname = current_database())::int8"
    ).fetchone()
    assert row is not None
    host, port = connection.info.host, connection.info.port
    return f"{host}:{port}/{row[0]} ({row[1]})"


def schema_of(connection: Connection) -> str:
    """The schema in which MLflow makes its tables. Raises TargetRefused without the rights."""
    row = connection.execute(
        "SELECT current_schema()::text, has_schema_privilege(current_schema(), 'CREATE'),"
        " has_database_privilege(current_database(), 'CREATE'), current_user::text"
    ).fetchone()
    assert row is not None
    schema, may_create_tables, may_create_schemas, user = row
    database = connection.info.dbname
    if connection.info.server_version < _OLDEST:
        raise TargetRefused("PostgreSQL is older than 13: upgrade it.")
    if schema is None or not may_create_tables:
        raise TargetRefused(
            f"User {user} may not create tables in database {database}: ALTER DATABASE {database} OWNER TO {user}."
        )
    if not may_create_schemas:
        raise TargetRefused(
            f"User {user} may not create schemas in database {database}, which the comparison with a freshly made one "
            f"needs: GRANT CREATE ON DATABASE {database} TO {user}."
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise TargetRefused(f"Database {database} is encoded as {encoding}: create it with ENCODING 'UTF8'.")
    return str(schema)


def tables_of(connection: Connection, schema: str) -> set[str]:
    """The tables that are there."""
    query = "SELECT relname::text FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p')"
    quoted = sql.Identifier(schema).as_string(connection)
    return {str(row[0]) for row in connection.execute(query, [quoted])}


def need_empty(connection: Connection, schema: str, expected: Iterable[str], version_table: str) -> list[str]:
    """The tables that are there of those expected, all empty but for what MLflow itself writes into a new database.

    Raises TargetRefused with the tables that hold rows.
    """
    there = sorted(tables_of(connection, schema) & set(expected))
    filled = {}
    for table in there:
        name = sql.Identifier(schema, table)
        if table == version_table:
            continue
        query = _SEEDED.get(table, "SELECT 1 FROM {} LIMIT 1")
        if connection.execute(sql.SQL(query).format(name)).fetchone():
            row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
            filled[table] = int(row[0]) if row else 0
    if filled:
        shown = ", ".join(f"{table} ({rows:,})" for table, rows in sorted(filled.items())[:5])
        raise TargetRefused(
            f"Database {connection.info.dbname} holds rows in {len(filled)} of MLflow's tables, among them {shown}: "
            "name an empty database (PGDATABASE), or empty this one yourself.",
            details={"filled": filled},
        )
    return there


def drop(connection: Connection, schema: str, tables: list[str]) -> None:
    """Drops these tables of MLflow with each other, and nothing that somebody else hung on them.

    Raises TargetRefused where there is such a thing.
    """
    if not tables:
        return
    names = sql.SQL(", ").join(sql.Identifier(schema, table) for table in tables)
    try:
        connection.execute(sql.SQL("DROP TABLE {}").format(names))
    except (psycopg.errors.DependentObjectsStillExist, psycopg.errors.InsufficientPrivilege) as error:
        raise TargetRefused(
            f"MLflow's empty tables in {connection.info.dbname} cannot be made anew ({error.diag.message_primary}): "
            "name an empty database (PGDATABASE)."
        ) from None


def lock(connection: Connection, label: str, seconds: float) -> None:
    """This session is the only one that migrates to this database, until it ends.

    A session with this same label is what a killed run of the same migration left: its program is gone, as this one
    holds the volume, so it is ended. Raises LockedRefused where another one migrates.
    """
    deadline = time.monotonic() + seconds
    while not _value(connection, "SELECT pg_try_advisory_lock(%s)", _LOCK):
        holder = connection.execute(
            "SELECT l.pid, a.application_name::text FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (l.classid::int8 << 32) + l.objid::int8 = %s",
            [_LOCK],
        ).fetchone()
        if holder and holder[1] == f"{APPLICATION} {label}":
            connection.execute("SELECT pg_terminate_backend(%s)", [holder[0]])
        elif holder or time.monotonic() >= deadline:
            raise LockedRefused(
                f"Another migration to database {connection.info.dbname} is running: wait until it has ended."
            )
        if time.monotonic() >= deadline:
            raise LockedRefused("What a killed migration left in PostgreSQL does not end: restart PostgreSQL.")
        time.sleep(0.2)


def outcome(connection: Connection, transaction: int) -> str:
    """committed, aborted, or in progress; "" where PostgreSQL no longer knows, or never did."""
    try:
        return str(_value(connection, "SELECT coalesce(txid_status(%s), '')", transaction))
    except psycopg.Error:
        return ""


@contextlib.contextmanager
def transaction(connection: Connection, schema: str) -> Iterator[None]:
    """One transaction, taken back unless the block commits it, in which MLflow's tables are made in `schema`."""
    connection.execute("BEGIN")
    try:
        search_in(connection, schema)
        yield
    finally:
        if not connection.closed:
            with contextlib.suppress(psycopg.Error):
                connection.execute("ROLLBACK")


def search_in(connection: Connection, schema: str) -> None:
    """Names without a schema are of `schema` for the rest of the transaction."""
    connection.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(schema)))


def _value(connection: Connection, query: str, *arguments: Any) -> Any:
    row = connection.execute(query.encode(), arguments).fetchone()
    return None if row is None else row[0]
