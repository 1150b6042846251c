"""What a Grafana says: its datasource's health, its dashboards, and the answer to each panel's queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import Panel, differing, panels
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import ServerError, Transport

JSON = Any

STEP_MILLISECONDS = 15_000
POINTS = 500


@dataclass(frozen=True)
class Checked:
    """What was looked at, and a sentence for each thing that is wrong."""

    dashboards: int
    panels: int
    queries: int
    faults: Sequence[str]


class Grafana:
    """Reads through the HTTP API as a user who may look."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def version(self) -> str:
        return str(self._transport.get("/api/health")["version"])

    def fault_of_datasource(self, uid: str) -> str:
        """Empty where the datasource works."""
        try:
            health = self._transport.get(f"/api/datasources/uid/{uid}/health")
        except ServerError as error:
            if not error.status:
                raise
            return f"datasource {uid} is not well: {error.why}"
        return "" if health.get("status") == "OK" else f"datasource {uid} is not well: {health.get('message', health)}"

    def dashboard(self, uid: str) -> JSON | None:
        """A stored dashboard, or None."""
        try:
            return self._transport.get(f"/api/dashboards/uid/{uid}")["dashboard"]
        except ServerError as error:
            if error.status == 404:
                return None
            raise

    def frames(self, panel: Panel, datasource: str, seconds: int) -> Mapping[str, JSON]:
        """The frames that each query of a panel is answered with, over the last `seconds`, or an `error`, by refId."""
        queries = [
            {
                "refId": name,
                "expr": expression,
                "datasource": {"type": "prometheus", "uid": datasource},
                "range": name not in panel.instant,
                "instant": name in panel.instant,
                "intervalMs": STEP_MILLISECONDS,
                "maxDataPoints": POINTS,
            }
            for name, expression in panel.queries.items()
        ]
        body = {"queries": queries, "from": f"now-{seconds}s", "to": "now"}
        try:
            return dict(self._transport.post("/api/ds/query", body)["results"])
        except ServerError as error:
            if error.status not in (400, 422, 500):
                raise
            return {name: {"error": error.why} for name in panel.queries}

    def check(self, dashboards: Sequence[JSON], datasource: str, seconds: int) -> Checked:
        """Looks at everything once."""
        found = [panel for dashboard in dashboards for panel in panels(dashboard)]
        unwell = self.fault_of_datasource(datasource)
        faults = [unwell] if unwell else []
        for dashboard in dashboards:
            faults += self._faults_of_dashboard(dashboard)
        for panel in found:
            faults += faults_of_answers(panel, self.frames(panel, datasource, seconds))
        return Checked(len(dashboards), len(found), sum(len(panel.queries) for panel in found), faults)

    def _faults_of_dashboard(self, expected: JSON) -> Iterator[str]:
        stored = self.dashboard(expected["uid"])
        if stored is None:
            yield f"dashboard {expected['title']!r} is not there"
        elif keys := differing(expected, stored):
            yield f"dashboard {expected['title']!r} is not as it was provisioned, in {', '.join(keys)}"


def faults_of_answers(panel: Panel, results: Mapping[str, JSON]) -> Iterator[str]:
    """A sentence for each query of the panel that is refused or returns no value."""
    for name in panel.queries:
        result = results.get(name) or {}
        if result.get("error"):
            yield f"query {name} of {panel} is refused: {result['error']}"
        elif not has_value(result.get("frames") or []):
            yield f"query {name} of {panel} returns nothing"


def has_value(frames: Sequence[JSON]) -> bool:
    """Whether there is a number: the first column is the time, and a number that is none is null."""
    return any(
        value is not None
        for frame in frames
        for column in (frame.get("data") or {}).get("values", [])[1:]
        for value in column
    )
