"""PostgreSQL as it shall be: MLflow's role, its database, and the server's settings; each by the name of its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import Login, Session
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.reading import MATCHES

JSON = Any

_MAY_NOT = ("superuser", "createdb", "createrole", "replication", "bypassrls")


@dataclass(frozen=True)
class Wanted:
    """login: of MLflow. settings: by their names, as the configuration file spells them. server: its name in rows."""

    server: str
    login: Login
    database: str
    settings: Mapping[str, str]

    @property
    def role_row(self) -> str:
        return f"DatabaseRole {self.login.role}"

    @property
    def database_row(self) -> str:
        return f"Database {self.database}"

    @property
    def server_row(self) -> str:
        return f"PostgreSQL {self.server}"

    def role(self) -> dict[str, JSON]:
        """What prepare.sql makes of it."""
        may_not = dict.fromkeys(_MAY_NOT, False)
        more: dict[str, JSON] = {
            "connection_limit": -1,
            "valid_until": None,
            "member_of": [],
            "settings": {},
            "password": MATCHES,
        }
        return {"login": True, **may_not, **more}

    def owned_database(self) -> dict[str, JSON]:
        """The same of the database."""
        return {"owner": self.login.role, "connection_limit": -1, "open_to_everybody": False, "settings": {}}


def write_role(session: Session, wanted: Wanted, before: Mapping[str, JSON] | None) -> None:
    """Makes or mends the role. Its password is set where the Secret's does not open the door."""
    role = wanted.login.role
    if before is None:
        session.run("CREATE ROLE {}", role)
    attributes = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1"
    session.run(f"ALTER ROLE {{}} {attributes} VALID UNTIL 'infinity'", role)
    session.run("ALTER ROLE {} RESET ALL", role)
    session.run("ALTER ROLE {} IN DATABASE {} RESET ALL", role, wanted.database)
    for group in (before or {}).get("member_of", []):
        session.run("REVOKE {} FROM {}", group, role)
    if before is None or before["password"] != MATCHES:
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
    session.run("ALTER DATABASE {} OWNER TO {}", wanted.database, wanted.login.role)
    session.run("ALTER DATABASE {} WITH CONNECTION LIMIT -1", wanted.database)
    session.run("ALTER DATABASE {} RESET ALL", wanted.database)
    session.run("REVOKE ALL ON DATABASE {} FROM PUBLIC", wanted.database)


def write_settings(session: Session, changed: Mapping[str, str]) -> None:
    """Takes back what ALTER SYSTEM changed; what needs a start of the server waits for one."""
    for name in changed:
        session.run("ALTER SYSTEM RESET {}", name)
    session.rows("SELECT pg_reload_conf()")
