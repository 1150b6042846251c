"""Looking at a PostgreSQL: as its superuser where that is let in, else as MLflow's role, which sees nearly as much."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import (
    AS_IN_SECRET,
    NOT_AS_IN_SECRET,
)
from ansible_collections.mlops.tracking.plugins.module_utils.postgres import reading
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import (
    Login,
    NotAdmitted,
    Server,
    Session,
)
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.reading import SUPERUSER
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
    refusals = {each.row: _trial(server, each.login, wanted.database) for each in wanted.roles}
    admitted = superuser is not None and _trial(server, superuser, SUPERUSER) is None
    tried = None if superuser is None else admitted
    refusal = refusals[wanted.roles[0].row]
    if admitted or refusal is None:
        reader, database = (superuser, SUPERUSER) if admitted and superuser else (wanted.owner, wanted.database)
        with server.session(reader, database) as session:
            return _seen(session, wanted, refusals, tried, sees_all=admitted)
    # Who looks is not let in. That a password is another than in the Secret can be told even so.
    told = {
        each.row: {**each.state(), "password": NOT_AS_IN_SECRET}
        for each in wanted.roles
        if (why := refusals[each.row]) and why.is_password
    }
    others = [each.row for each in wanted.roles if each.row not in told] + [wanted.database_row, wanted.server_row]
    return Seen(told, untold=dict.fromkeys(others, refusal), superuser=tried)


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


def _seen(
    session: Session,
    wanted: Wanted,
    refusals: Mapping[str, NotAdmitted | None],
    tried: bool | None,
    *,
    sees_all: bool,
) -> Seen:
    roles, databases = reading.roles(session), reading.databases(session)
    changed = reading.altered(session) if sees_all else {}
    roles.pop(SUPERUSER, None)
    states: dict[str, JSON | None] = {}
    for each in wanted.roles:
        refusal, found = refusals[each.row], roles.pop(each.login.role, None)
        password = NOT_AS_IN_SECRET if refusal and refusal.is_password else AS_IN_SECRET
        states[each.row] = found and {**found, "password": password}
    states[wanted.database_row] = databases.pop(wanted.database, None)
    states[wanted.server_row] = {"settings": reading.settings(session, wanted.settings, changed)}
    others = [f"DatabaseRole {name}" for name in roles] + [f"Database {name}" for name in databases]
    return Seen(states, tuple(others), changed, superuser=tried)


def _trial(server: Server, login: Login, database: str) -> NotAdmitted | None:
    """Why the server does not let this role in; None where it does."""
    try:
        with server.session(login, database):
            return None
    except NotAdmitted as refusal:
        return refusal
