"""Looking at a PostgreSQL: as its superuser where that is let in, else as MLflow's role, which sees nearly as much."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.postgres import reading
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import (
    Login,
    NotAdmitted,
    Server,
    Session,
)
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.reading import DIFFERS, MATCHES, SUPERUSER
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.wanted import Wanted

JSON = Any


@dataclass(frozen=True)
class Seen:
    """The states by the names of their rows; None is a thing that is not there. others: what nobody described.

    changed: what ALTER SYSTEM wrote, where we may ask. untold: rows that could not be looked at, and why.
    superuser: its password is what its Secret holds; None where it was not tried.
    """

    states: Mapping[str, JSON | None] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)
    untold: Mapping[str, TrackingError] = field(default_factory=dict)
    superuser: bool | None = None


def look(server: Server, wanted: Wanted, superuser: Login | None) -> Seen:
    """Reads everything once. superuser: None where the server lets it in from nowhere but its own pod."""
    refusal = _trial(server, wanted.login, wanted.database)
    opens = refusal is None
    admitted = superuser is not None and _trial(server, superuser, SUPERUSER) is None
    tried = None if superuser is None else admitted
    reader = superuser if admitted else wanted.login if opens else None
    if reader is None:
        assert refusal is not None
        untold = {wanted.database_row: refusal, wanted.server_row: refusal}
        if not refusal.is_password:
            return Seen({}, untold={wanted.role_row: refusal, **untold}, superuser=tried)
        return Seen({wanted.role_row: {**wanted.role(), "password": DIFFERS}}, untold=untold, superuser=tried)
    database = SUPERUSER if admitted else wanted.database
    with server.session(reader, database) as session:
        return _seen(
            session, wanted, password=opens or not (refusal and refusal.is_password), tried=tried, sees_all=admitted
        )


@contextlib.contextmanager
def as_superuser(server: Server, superuser: Login | None) -> Iterator[Session]:
    """A session that may write."""
    if superuser is None:
        raise TrackingError(
            "PostgreSQL cannot be changed from within the cluster",
            where=server.name,
            why="its superuser signs in from its own pod only",
            mend="Run the playbook where kubectl runs",
        )
    with server.session(superuser, SUPERUSER) as session:
        yield session


def _seen(session: Session, wanted: Wanted, *, password: bool, tried: bool | None, sees_all: bool) -> Seen:
    roles, databases = reading.roles(session), reading.databases(session)
    changed = reading.altered(session) if sees_all else {}
    role = roles.pop(wanted.login.role, None)
    roles.pop(SUPERUSER, None)
    states = {
        wanted.role_row: role and {**role, "password": MATCHES if password else DIFFERS},
        wanted.database_row: databases.pop(wanted.database, None),
        wanted.server_row: {"settings": reading.settings(session, wanted.settings, changed)},
    }
    others = [f"DatabaseRole {name}" for name in roles] + [f"Database {name}" for name in databases]
    return Seen(states, tuple(others), changed, superuser=tried)


def _trial(server: Server, login: Login, database: str) -> NotAdmitted | None:
    """Why the server does not let this role in; None where it does."""
    try:
        with server.session(login, database):
            return None
    except NotAdmitted as refusal:
        return refusal
