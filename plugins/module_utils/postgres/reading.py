"""What a PostgreSQL says of its roles, its databases and its settings, as states that can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import Session
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.settings import InForce

JSON = Any

SUPERUSER = "postgres"

_ROLES = """
SELECT rolname AS name, rolcanlogin AS login, rolsuper AS superuser, rolcreatedb AS createdb,
       rolcreaterole AS createrole, rolreplication AS replication, rolbypassrls AS bypassrls,
       rolconnlimit AS connection_limit,
       nullif(rolvaliduntil, 'infinity')::text AS valid_until,
       array(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
             WHERE m.member = r.oid ORDER BY 1) AS member_of
FROM pg_roles r WHERE rolname !~ '^pg_' ORDER BY 1
"""
_DATABASES = """
SELECT datname AS name, pg_get_userbyid(datdba)::text AS owner, datconnlimit AS connection_limit,
       has_database_privilege('public', oid, 'CONNECT') AS open_to_everybody
FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1
"""
_OF_ROLES_AND_DATABASES = """
SELECT coalesce(r.rolname::text, '') AS role, coalesce(d.datname::text, '') AS database, unnest(s.setconfig) AS setting
FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
"""
_SETTINGS = """
SELECT name, setting, coalesce(unit, '') AS unit, vartype AS kind, source, current_setting(name, true) AS shown
FROM pg_settings
"""
# What ALTER SYSTEM wrote counts from now on, in force or not yet.
_ALTERED = (
    "SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE '%/postgresql.auto.conf' AND setting IS NOT NULL"
)


def roles(session: Session) -> dict[str, JSON]:
    """Every role by its name: what it may do, what it belongs to, and the settings that it signs in with."""
    found = {
        row.pop("name"): {**row, "member_of": dict.fromkeys(row["member_of"], True), "settings": {}}
        for row in session.rows(_ROLES)
    }
    for role, database, name, value in _given_settings(session):
        if role in found:
            found[role]["settings"][f"{name} in {database}" if database else name] = value
    return found


def databases(session: Session) -> dict[str, JSON]:
    """Every database by its name: whose it is, who may connect, and the settings it gives to who does."""
    found = {row.pop("name"): {**row, "settings": {}} for row in session.rows(_DATABASES)}
    for role, database, name, value in _given_settings(session):
        if database in found and not role:
            found[database]["settings"][name] = value
    return found


def _given_settings(session: Session) -> Iterator[tuple[str, str, str, str]]:
    """Role, database, name and value of each setting that a role or a database gives; empty where it is any."""
    for row in session.rows(_OF_ROLES_AND_DATABASES):
        name, _, value = row["setting"].partition("=")
        yield row["role"], row["database"], name, value


def altered(session: Session) -> dict[str, str]:
    """What ALTER SYSTEM wrote. Only a superuser may ask."""
    return {row["name"]: row["setting"] for row in session.rows(_ALTERED)}


def settings(session: Session, described: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    """The described settings as they are, and those that somebody set beside them. changed: by ALTER SYSTEM.

    A value that means the same is given as it is described. One that this role may not see is left out.
    """
    found: dict[str, str] = {}
    # A file may write TimeZone as it likes.
    spelled = {name.lower(): name for name in described}
    for row in session.rows(_SETTINGS):
        one = InForce(**row)
        name = spelled.get(one.name.lower(), one.name)
        if one.name in changed:
            found[name] = _as_described(one, changed[one.name], described.get(name))
        elif name in described:
            found[name] = _in_force(one, described[name])
        elif one.is_from_file:
            found[name] = one.shown
    return found


def revision(session: Session) -> str:
    """The revision of MLflow's schema, empty where there is none."""
    there = session.rows("SELECT to_regclass('alembic_version') IS NOT NULL AS there")[0]["there"]
    rows = session.rows("SELECT version_num FROM alembic_version") if there else []
    return str(rows[0]["version_num"]) if rows else ""


def _in_force(one: InForce, described: str) -> str:
    return described if not one.is_the_servers or one.means(described) else one.shown


def _as_described(one: InForce, value: str, described: str | None) -> str:
    is_same = described is not None and replace(one, setting=value, shown=value).means(described)
    return described if is_same and described is not None else value
