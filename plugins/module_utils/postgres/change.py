"""What a PostgreSQL would become, with a row for each of its things, and the writing of what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import changed_paths
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import (
    Action,
    Outcome,
    Result,
    summary,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import (
    AS_IN_SECRET,
    NOT_AS_IN_SECRET,
    Finding,
    State,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.states import findings_between
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.connection import Login, Server
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.look import Seen, as_superuser, look
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.reading import SUPERUSER
from ansible_collections.mlops.tracking.plugins.module_utils.postgres.wanted import (
    Wanted,
    write_database,
    write_role,
    write_settings,
)

JSON = Any

_OF_THE_SUPERUSER = f"DatabaseRole {SUPERUSER}"


def plan_change(
    server: Server,
    wanted: Wanted,
    superuser: Login | None,
    mask: Mask,
    *,
    drift: bool = False,
    only: Sequence[str] | None = None,
) -> Plan:
    """Reads everything and writes nothing. drift: each row has its findings. only: the rows that may be written.

    mask: of what is shown. A setting may hold a password, as `primary_conninfo` does.
    """
    seen = look(server, wanted, superuser)
    after = {name: state for name, state in described(wanted, seen).items() if name in seen.states}
    before = dict(seen.states)
    if only is not None:
        before = {name: state for name, state in before.items() if name in only}
    after = {name: after[name] for name in before}
    if not drift:
        # What an ALTER SYSTEM that was taken back left in force can only be waited for.
        after = {name: _reachable(name, state, before[name], wanted, seen) for name, state in after.items()}
    before = {name: state and _shown(state, mask) for name, state in before.items()}
    after = {name: _shown(state, mask) for name, state in after.items()}
    rows = [_row(name, before[name], after[name], drift) for name in before]
    if drift:
        rows += _looked_at(seen)
    outcome = _outcome(rows)

    def carry_out() -> Outcome:
        _write(server, wanted, superuser, seen, before, after)
        return outcome

    return Plan.of_things(before, after, outcome, carry_out)


def described(wanted: Wanted, seen: Seen) -> dict[str, JSON]:
    """Every state as it is described. A setting that we may not see is not asked for."""
    found = (seen.states.get(wanted.server_row) or {}).get("settings", {})
    settings = {name: value for name, value in wanted.settings.items() if name in found}
    return {
        **{each.row: each.state() for each in wanted.roles},
        wanted.database_row: wanted.owned_database(),
        wanted.server_row: {"settings": settings},
    }


def _reachable(name: str, after: JSON, before: JSON, wanted: Wanted, seen: Seen) -> JSON:
    if name != wanted.server_row:
        return after
    taken_back = {name.lower() for name in seen.changed}
    kept = {key: value for key, value in before["settings"].items() if key.lower() not in taken_back}
    return {"settings": {**after["settings"], **kept}}


def _shown(state: JSON, mask: Mask) -> JSON:
    return {**state, "settings": mask.masked(state["settings"])}


def _row(name: str, before: JSON | None, after: JSON, drift: bool) -> Result:
    action = Action.between(before, after)
    row = Result(name, action, changed_paths(before, after) if before and before != after else [])
    row.findings = findings_between(before, after) if drift else None
    return row


def _looked_at(seen: Seen) -> list[Result]:
    """Beside the described things: the superuser's password, what nobody described, and what could not be told."""
    rows = [Result(name, Action.UNCHANGED, findings=[Finding(State.EXTRA)]) for name in seen.others]
    if seen.superuser is not None:
        found = {"password": AS_IN_SECRET if seen.superuser else NOT_AS_IN_SECRET}
        rows.append(_row(_OF_THE_SUPERUSER, found, {"password": AS_IN_SECRET}, drift=True))
    return rows + [
        Result(name, Action.FAILED, error=error.sentence(), findings=[]) for name, error in seen.untold.items()
    ]


def _write(
    server: Server,
    wanted: Wanted,
    superuser: Login | None,
    seen: Seen,
    before: Mapping[str, JSON],
    after: Mapping[str, JSON],
) -> None:
    differing = {name for name, state in after.items() if state != before[name]}
    with as_superuser(server, superuser) as session:
        for each in wanted.roles:
            if each.row in differing:
                write_role(session, each, wanted.database, before[each.row])
        if wanted.database_row in differing:
            write_database(session, wanted, before[wanted.database_row])
        if wanted.server_row in differing:
            write_settings(session, seen.changed)


def _outcome(rows: Sequence[Result]) -> Outcome:
    return Outcome(rows, summary(rows, "thing of PostgreSQL", "things of PostgreSQL"))
