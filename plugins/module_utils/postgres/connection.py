"""Signing in at PostgreSQL, through a tunnel where it is a Service and we are outside the cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError

JSON = Any

_CONNECT_SECONDS = 10
# What a server says of a password that is not that of the role, and of a role that it does not know.
_WRONG_PASSWORD = "password authentication failed"  # noqa: S105 - words of a server
# Its answers when it has begun to look at who is there; everything else is a server that does not answer.
_REFUSAL = "FATAL:"


class NotAdmitted(TrackingError):
    """The server answered, and lets this role not in. is_password: for its password, or as there is no such role."""

    def __init__(self, role: str, why: str) -> None:
        self.is_password = _WRONG_PASSWORD in why
        super().__init__(f"PostgreSQL does not admit role {role}", why=why, mend="Run site.yml, or look at pg_hba.conf")


@dataclass(frozen=True)
class Login:
    """A role and its password."""

    role: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Server:
    """Where it is reached from here. name: how people call it, for messages."""

    url: str
    name: str

    @contextlib.contextmanager
    def session(self, login: Login, database: str) -> Iterator[Session]:
        """A connection of this role's. Raises NotAdmitted, and TrackingError where nobody answers."""
        psycopg = driver()
        parts = urlsplit(self.url)
        try:
            connection = psycopg.connect(
                host=parts.hostname,
                port=parts.port,
                dbname=database,
                user=login.role,
                password=login.password,
                connect_timeout=_CONNECT_SECONDS,
                application_name="mlops.tracking",
                autocommit=True,
            )
        except psycopg.Error as error:
            why = " ".join(str(error).split())
            if _REFUSAL in why and "starting up" not in why and "shutting down" not in why:
                raise NotAdmitted(login.role, why[why.index(_REFUSAL) :]) from None
            what, mend = "PostgreSQL does not answer", "Look at its pod"
            raise TrackingError(what, where=self.name, why=why, mend=mend) from None
        with connection:
            yield Session(connection, self.name)


class Session:
    """One role's connection to one database."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection = connection
        self._name = name

    def rows(self, query: str, *values: JSON) -> list[dict[str, JSON]]:
        """The rows of a question, by the names of their columns. Raises TrackingError."""
        from psycopg.rows import dict_row

        with self._explained(), self._connection.cursor(row_factory=dict_row) as cursor:
            return list(cursor.execute(query, values or None).fetchall())

    def run(self, statement: str, *names: str) -> None:
        """A statement whose `{}` are names of roles, databases or settings. Raises TrackingError."""
        from psycopg import sql

        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))

    def set_value(self, statement: str, value: str, *names: str) -> None:
        """A statement that ends with a value. Raises TrackingError."""
        from psycopg import sql

        text = sql.SQL(statement).format(*(sql.Identifier(name) for name in names)) + sql.Literal(value)
        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(text)

    def set_password(self, login: Login) -> None:
        """Gives a role its password. Only a verifier is sent, so that no log of the server's can hold the password."""
        from psycopg import sql

        hashed = self._connection.pgconn.encrypt_password(
            login.password.encode(), login.role.encode(), b"scram-sha-256"
        )
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(statement.format(sql.Identifier(login.role), sql.Literal(hashed.decode())))

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except driver().Error as error:
            why = " ".join(str(error).split())
            raise TrackingError("PostgreSQL refuses a statement", where=self._name, why=why) from None


def driver() -> Any:
    """The library. Raises TrackingError where it is not installed."""
    try:
        import psycopg
    except ImportError as error:
        raise TrackingError(
            "PostgreSQL cannot be looked at",
            why=f"Python's library psycopg cannot be used here: {error}",
            mend="Install it where ansible-playbook runs: pip install 'psycopg[binary]'",
        ) from None
    return psycopg
