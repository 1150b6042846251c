"""PostgreSQL beyond its objects, on a real one: what hands did to it is found from both sides, and put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from postgres_described import DESCRIBED
from postgres_server import PostgresServer

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.change import plan_change
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import Login, Server
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.wanted import Wanted, WantedRole

JSON = Any
Hand = Sequence[str]

ROLE, DATABASE, SERVER = "DatabaseRole mlflow", "Database mlflow", "PostgreSQL here"
COUNTER = "DatabaseRole counter"
ANOTHER = "another owner"
# What may not be part of a transaction is a statement of its own.
AGAIN = (
    "ALTER ROLE mlflow LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT -1 VALID UNTIL 'infinity';"
    "ALTER ROLE mlflow PASSWORD {password};"
    "ALTER ROLE mlflow RESET ALL;"
    "ALTER DATABASE mlflow RESET ALL;"
    "ALTER DATABASE mlflow OWNER TO mlflow;"
    "REVOKE ALL ON DATABASE mlflow FROM PUBLIC;"
    "REVOKE pg_read_all_data FROM mlflow;"
    "ALTER ROLE counter LOGIN CONNECTION LIMIT 5;"
    "ALTER ROLE counter SET statement_timeout = '20s';"
    "GRANT pg_use_reserved_connections TO counter;"
    "DROP ROLE IF EXISTS intruder",
    "DROP DATABASE IF EXISTS more",
    "ALTER SYSTEM RESET ALL",
    "SELECT pg_reload_conf()",
)
# name: what is done, and what must be found of it
HANDS: dict[str, tuple[Hand, tuple[str, str, str]]] = {
    "a role that may more": (["ALTER ROLE mlflow CREATEDB"], (ROLE, "changed", "createdb")),
    "a role that may everything": (["ALTER ROLE mlflow SUPERUSER"], (ROLE, "changed", "superuser")),
    "a role in a group": (["GRANT pg_read_all_data TO mlflow"], (ROLE, "extra", "member_of.pg_read_all_data")),
    "a role's setting": (["ALTER ROLE mlflow SET work_mem = '1GB'"], (ROLE, "extra", "settings.work_mem")),
    "an end of the role": (["ALTER ROLE mlflow VALID UNTIL '2099-01-01'"], (ROLE, "changed", "valid_until")),
    "a limit of connections": (["ALTER ROLE mlflow CONNECTION LIMIT 50"], (ROLE, "changed", "connection_limit")),
    ANOTHER: (["ALTER DATABASE mlflow OWNER TO postgres"], (DATABASE, "changed", "owner")),
    "an open database": (["GRANT CONNECT ON DATABASE mlflow TO PUBLIC"], (DATABASE, "changed", "open_to_everybody")),
    "a database's setting": (
        ["ALTER DATABASE mlflow SET statement_timeout = '1s'"],
        (DATABASE, "extra", "settings.statement_timeout"),
    ),
    "a changed setting": (
        ["ALTER SYSTEM SET work_mem = '64MB'", "SELECT pg_reload_conf()"],
        (SERVER, "changed", "settings.work_mem"),
    ),
    "a setting nobody described": (
        ["ALTER SYSTEM SET log_min_duration_statement = 5", "SELECT pg_reload_conf()"],
        (SERVER, "extra", "settings.log_min_duration_statement"),
    ),
    "a setting taken from a role": (
        ["ALTER ROLE counter RESET ALL"],
        (COUNTER, "missing", "settings.statement_timeout"),
    ),
    "a right taken from a role": (
        ["REVOKE pg_use_reserved_connections FROM counter"],
        (COUNTER, "missing", "member_of.pg_use_reserved_connections"),
    ),
    "a limit taken from a role": (["ALTER ROLE counter CONNECTION LIMIT -1"], (COUNTER, "changed", "connection_limit")),
    "another role": (["CREATE ROLE intruder SUPERUSER LOGIN"], ("DatabaseRole intruder", "extra", "")),
    "another database": (["CREATE DATABASE more"], ("Database more", "extra", "")),
}


@pytest.fixture
def server(started: PostgresServer) -> Iterator[PostgresServer]:
    """As described again after each test."""
    yield started
    for statement in AGAIN:
        started.run("postgres", statement.format(password=f"'{started.password}'"))


def wanted(server: PostgresServer, password: str = "") -> Wanted:
    roles = [
        WantedRole(Login("mlflow", password or server.password)),
        WantedRole(
            Login("counter", server.password), 5, ("pg_use_reserved_connections",), {"statement_timeout": "20s"}
        ),
    ]
    return Wanted("here", roles, "mlflow", DESCRIBED)


def change(server: PostgresServer, *, is_inside: bool = False, drift: bool = True, password: str = "") -> Plan:
    """is_inside: as from a pod, where the superuser is not let in."""
    superuser = None if is_inside else Login("postgres", server.password)
    place = Server(f"postgresql://127.0.0.1:{server.port}", "here")
    return plan_change(place, wanted(server, password), superuser, Mask(), drift=drift)


def found(planned: Plan) -> list[tuple[str, str, str]]:
    rows = [row.as_json() for row in planned.outcome.rows]
    return [(row["ref"], each["state"], each["path"]) for row in rows for each in row.get("findings", [])]


@pytest.mark.parametrize("is_inside", [False, True])
def test_an_untouched_server_has_no_finding_and_nothing_to_write(server: PostgresServer, is_inside: bool) -> None:
    assert found(change(server, is_inside=is_inside)) == []
    planned = change(server, is_inside=is_inside, drift=False)
    assert planned.before == planned.after


# Who no longer owns the database is not let in, so that from inside nothing can be told.
@pytest.mark.parametrize(
    ("name", "is_inside"), [(name, where) for name in HANDS for where in (False, True) if name != ANOTHER or not where]
)
def test_a_hand_is_found_and_nothing_else(server: PostgresServer, name: str, is_inside: bool) -> None:
    statements, finding = HANDS[name]
    for statement in statements:
        server.run("postgres", statement)
    assert found(change(server, is_inside=is_inside)) == [finding]


@pytest.mark.parametrize("name", [name for name, (_, finding) in HANDS.items() if finding[1:] != ("extra", "")])
def test_what_was_described_is_put_back_and_then_there_is_nothing_to_do(server: PostgresServer, name: str) -> None:
    for statement in HANDS[name][0]:
        server.run("postgres", statement)
    planned = change(server, drift=False)
    assert planned.before != planned.after
    planned.carry_out()
    again = change(server, drift=False)
    assert again.before == again.after
    assert found(change(server)) == []


def test_a_setting_that_waits_for_a_start_is_found_before_it_is_in_force(server: PostgresServer) -> None:
    server.run("postgres", "ALTER SYSTEM SET max_connections = 7")
    [row] = [row.as_json() for row in change(server).outcome.rows if row.findings]
    assert [(each["path"], each["expected"], each["found"]) for each in row["findings"]] == [
        ("settings.max_connections", "100", "7")
    ]


def test_a_changed_password_is_found_from_both_sides_and_set_again(server: PostgresServer) -> None:
    server.run("postgres", "ALTER ROLE mlflow PASSWORD 'canary-of-the-role'")
    assert found(change(server)) == [(ROLE, "changed", "password")]
    inside = change(server, is_inside=True)
    assert found(inside) == [(ROLE, "changed", "password")]
    untold = [str(row.reference) for row in inside.outcome.rows if row.error]
    assert untold == [COUNTER, DATABASE, SERVER]
    change(server, drift=False).carry_out()
    assert found(change(server)) == []


def test_no_log_of_the_server_holds_a_password_that_is_set(server: PostgresServer) -> None:
    server.run("postgres", "ALTER ROLE mlflow PASSWORD 'another'")
    server.run("postgres", "ALTER SYSTEM SET log_statement = 'all'")
    server.run("postgres", "SELECT pg_reload_conf()")
    # What puts a server back for the next test is in its log too, where a hand left it logging slow statements.
    before = len(server.log())
    change(server, drift=False).carry_out()
    assert found(change(server)) == []
    log = server.log()[before:]
    assert "ALTER ROLE" in log
    assert server.password not in log


def test_a_password_in_a_setting_is_not_shown(server: PostgresServer) -> None:
    server.run("postgres", "ALTER SYSTEM SET primary_conninfo = 'host=x password=canary-in-a-setting'")
    planned = change(server)
    assert found(planned) == [(SERVER, "extra", "settings.primary_conninfo")]
    assert "canary" not in str([row.as_json() for row in planned.outcome.rows]) + str(planned.before)


def test_a_role_that_may_not_sign_in_is_found_from_outside_and_told_from_inside(server: PostgresServer) -> None:
    server.run("postgres", "ALTER ROLE mlflow NOLOGIN")
    assert found(change(server)) == [(ROLE, "changed", "login")]
    inside = change(server, is_inside=True)
    assert found(inside) == []
    assert {str(row.reference) for row in inside.outcome.rows if row.error} == {ROLE, COUNTER, DATABASE, SERVER}


def test_another_owner_is_told_from_inside_as_what_keeps_it_from_looking(server: PostgresServer) -> None:
    server.run("postgres", "ALTER DATABASE mlflow OWNER TO postgres")
    inside = change(server, is_inside=True)
    assert found(inside) == []
    assert all("permission denied for database" in row.error for row in inside.outcome.rows)


def test_the_superusers_password_is_tried_from_outside(server: PostgresServer) -> None:
    place = Server(f"postgresql://127.0.0.1:{server.port}", "here")
    planned = plan_change(place, wanted(server), Login("postgres", "wrong"), Mask(), drift=True)
    assert found(planned) == [("DatabaseRole postgres", "changed", "password")]


def test_nothing_is_written_from_inside(server: PostgresServer) -> None:
    server.run("postgres", "ALTER ROLE mlflow CREATEDB")
    with pytest.raises(TrackingError, match="from within the cluster"):
        change(server, is_inside=True, drift=False).carry_out()


def test_a_database_that_is_gone_is_found_and_not_made_anew(server: PostgresServer) -> None:
    server.run("postgres", "ALTER DATABASE mlflow RENAME TO away")
    try:
        assert set(found(change(server))) == {(DATABASE, "missing", ""), ("Database away", "extra", "")}
        with pytest.raises(TrackingError, match="Database mlflow is not there"):
            change(server, drift=False).carry_out()
    finally:
        server.run("postgres", "ALTER DATABASE away RENAME TO mlflow")


def test_a_server_that_is_down_is_an_error_that_says_so(server: PostgresServer) -> None:
    place = Server("postgresql://127.0.0.1:1", "here")
    with pytest.raises(TrackingError, match="PostgreSQL does not answer"):
        plan_change(place, wanted(server), Login("postgres", server.password), Mask(), drift=True)
