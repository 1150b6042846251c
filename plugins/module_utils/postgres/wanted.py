"""PostgreSQL as it shall be: who signs in, MLflow's database, the server's settings; each by the name of its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import AS_IN_SECRET
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import Login, Session

JSON = Any

_MAY_NOT = ("superuser", "createdb", "createrole", "replication", "bypassrls")


@dataclass(frozen=True)
class WantedRole:
    """A role that may sign in with its password, and nothing more than is said here. member_of: groups.

    settings: what it signs in with. connection_limit: -1 for none.
    """

    login: Login
    connection_limit: int = -1
    member_of: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def row(self) -> str:
        return f"DatabaseRole {self.login.role}"

    def state(self) -> dict[str, JSON]:
        """What prepare.sql makes of it."""
        return {
            "login": True,
            **dict.fromkeys(_MAY_NOT, False),
            "connection_limit": self.connection_limit,
            "valid_until": None,
            "member_of": dict.fromkeys(self.member_of, True),
            "settings": dict(self.settings),
            "password": AS_IN_SECRET,
        }


@dataclass(frozen=True)
class Wanted:
    """roles: the database's owner first. settings: as the configuration file spells them. server: its name in rows."""

    server: str
    roles: Sequence[WantedRole]
    database: str
    settings: Mapping[str, str]

    @property
    def owner(self) -> Login:
        return self.roles[0].login

    @property
    def database_row(self) -> str:
        return f"Database {self.database}"

    @property
    def server_row(self) -> str:
        return f"PostgreSQL {self.server}"

    def owned_database(self) -> dict[str, JSON]:
        """What prepare.sql makes of the database."""
        return {"owner": self.owner.role, "connection_limit": -1, "open_to_everybody": False, "settings": {}}


def write_role(session: Session, wanted: WantedRole, database: str, before: Mapping[str, JSON] | None) -> None:
    """Makes or mends a role. Its password is set where the Secret's does not open the door."""
    role = wanted.login.role
    if before is None:
        session.run("CREATE ROLE {}", role)
    attributes = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    session.run(
        f"ALTER ROLE {{}} {attributes} CONNECTION LIMIT {int(wanted.connection_limit)} VALID UNTIL 'infinity'", role
    )
    session.run("ALTER ROLE {} RESET ALL", role)
    session.run("ALTER ROLE {} IN DATABASE {} RESET ALL", role, database)
    for name, value in wanted.settings.items():
        session.set_value("ALTER ROLE {} SET {} = ", value, role, name)
    had = set((before or {}).get("member_of", {}))
    for group in sorted(had - set(wanted.member_of)):
        session.run("REVOKE {} FROM {}", group, role)
    for group in sorted(set(wanted.member_of) - had):
        session.run("GRANT {} TO {}", group, role)
    if before is None or before["password"] != AS_IN_SECRET:
        session.set_password(wanted.login)


def write_database(session: Session, wanted: Wanted, before: Mapping[str, JSON] | None) -> None:
    """Mends the database. One that is gone is not made anew: it would hide that its runs are."""
    if before is None:
        raise TrackingError(
            f"Database {wanted.database} is not there",
            where=wanted.server,
            why="somebody dropped or renamed it, with MLflow's runs",
            mend="Restore it from a backup, or delete pod postgres-0 to have an empty one made",
        )
    session.run("ALTER DATABASE {} OWNER TO {}", wanted.database, wanted.owner.role)
    session.run("ALTER DATABASE {} WITH CONNECTION LIMIT -1", wanted.database)
    session.run("ALTER DATABASE {} RESET ALL", wanted.database)
    session.run("REVOKE ALL ON DATABASE {} FROM PUBLIC", wanted.database)


def write_settings(session: Session, changed: Mapping[str, str]) -> None:
    """Takes back what ALTER SYSTEM changed; what needs a start of the server waits for one."""
    for name in changed:
        session.run("ALTER SYSTEM RESET {}", name)
    session.rows("SELECT pg_reload_conf()")
