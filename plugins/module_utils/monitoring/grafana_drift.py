"""What a Grafana shows: its dashboards and its datasources, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import (
    AS_IN_SECRET,
    NOT_AS_IN_SECRET,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.states import looked_at
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import without_stored
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import ServerError, Transport

JSON = Any


def grafana_rows(
    transport: Transport,
    user: str,
    dashboards: Sequence[Mapping[str, JSON]],
    datasources: Sequence[Mapping[str, JSON]],
    mask: Mask,
) -> list[Result]:
    """A row with its findings for each dashboard and datasource, and for the user who looks. Raises ServerError."""
    names = [f"Dashboard {each['uid']}" for each in dashboards] + [f"Datasource {each['uid']}" for each in datasources]
    account = f"GrafanaUser {user}"
    try:
        transport.get("/api/user")
    except ServerError as error:
        if error.status != 401:
            raise
        rows = [Result(name, Action.FAILED, error=error.sentence(), findings=[]) for name in names]
        return [looked_at(account, {"password": NOT_AS_IN_SECRET}, {"password": AS_IN_SECRET}), *rows]
    rows = [looked_at(account, {"password": AS_IN_SECRET}, {"password": AS_IN_SECRET})]
    for name, each in zip(names, (*dashboards, *datasources), strict=True):
        if name.startswith("Dashboard"):
            stored = _found(transport, f"/api/dashboards/uid/{each['uid']}")
            found = stored and mask.masked(without_stored(stored["dashboard"]))
            rows.append(looked_at(name, found, mask.masked(without_stored(each))))
        else:
            stored = _found(transport, f"/api/datasources/uid/{each['uid']}")
            # What Grafana adds of its own, such as an id, nobody described.
            found = stored and mask.masked({key: stored.get(key) for key in _compared(each)})
            rows.append(looked_at(name, found, mask.masked(_compared(each))))
    return rows


def _compared(datasource: Mapping[str, JSON]) -> dict[str, JSON]:
    """A datasource as it is provisioned, by the names that the API has for the same."""
    return {key: value for key, value in datasource.items() if key not in ("editable", "uid")}


def _found(transport: Transport, path: str) -> JSON | None:
    try:
        return transport.get(path)
    except ServerError as error:
        if error.status == 404:
            return None
        raise
