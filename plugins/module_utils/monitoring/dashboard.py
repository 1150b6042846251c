"""What a dashboard's JSON asks for: its panels, and their queries with the dashboard's variables filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

JSON = Any

# Grafana's own, which its server fills in.
_SERVERS_OWN = "__"
_VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)\]\]")
# What Grafana writes into a dashboard when it stores it.
_STORED = ("id", "version")


@dataclass(frozen=True)
class Panel:
    """A panel that shows metrics. `queries` are by their refId; `is_instant` of those that ask for one moment."""

    dashboard: str
    title: str
    queries: Mapping[str, str]
    instant: frozenset[str]

    def __str__(self) -> str:
        return f"panel {self.title!r} of dashboard {self.dashboard!r}"


def panels(dashboard: Mapping[str, JSON]) -> list[Panel]:
    """Every panel with a query, those inside of rows as well."""
    values = values_of_variables(dashboard)
    found = []
    for panel in _every(dashboard.get("panels") or []):
        targets = [target for target in panel.get("targets") or [] if target.get("expr")]
        if not targets:
            continue
        found.append(
            Panel(
                dashboard=str(dashboard.get("title", "")),
                title=str(panel.get("title", "")),
                queries={target["refId"]: filled(target["expr"], values) for target in targets},
                instant=frozenset(target["refId"] for target in targets if target.get("instant")),
            )
        )
    return found


def values_of_variables(dashboard: Mapping[str, JSON]) -> dict[str, str]:
    """Each variable with the value that stands for all, or its present one."""
    values = {}
    for variable in (dashboard.get("templating") or {}).get("list") or []:
        if variable.get("includeAll"):
            values[variable["name"]] = str(variable.get("allValue") or ".*")
        else:
            current = (variable.get("current") or {}).get("value", "")
            values[variable["name"]] = str(current or variable.get("query") or "")
    return values


def filled(expression: str, values: Mapping[str, str]) -> str:
    """The expression with each `$name` that is known replaced."""

    def value(match: re.Match[str]) -> str:
        name = next(filter(None, match.groups()))
        return match[0] if name.startswith(_SERVERS_OWN) else values.get(name, match[0])

    return _VARIABLE.sub(value, expression)


def differing(expected: Mapping[str, JSON], stored: Mapping[str, JSON]) -> list[str]:
    """The top-level keys in which a stored dashboard is another than the one that was provisioned."""
    keys = (set(expected) | set(stored)) - set(_STORED)
    return sorted(key for key in keys if expected.get(key) != stored.get(key))


def without_stored(dashboard: Mapping[str, JSON]) -> dict[str, JSON]:
    """A dashboard without what Grafana writes into it when it stores it."""
    return {key: value for key, value in dashboard.items() if key not in _STORED}


def _every(items: list[JSON]) -> Iterator[JSON]:
    for panel in items:
        yield panel
        yield from _every(panel.get("panels") or [])
