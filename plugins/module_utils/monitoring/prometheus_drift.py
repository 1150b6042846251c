"""What a Prometheus has in force: its configuration, its scrape jobs and their targets, its rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import Finding, State
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.states import looked_at
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.rule_texts import (
    state_of_described,
    state_of_loaded,
)
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import ServerError, Transport

JSON = Any

# A server that starts is no drift: a target has failed all scrapes of five minutes, and was a target before them.
DOWN = "max_over_time(up[5m]) == 0 and present_over_time(up[5m] offset 5m)"


def prometheus_rows(
    transport: Transport, jobs: Sequence[str], rules: Sequence[Mapping[str, JSON]], mask: Mask
) -> list[Result]:
    """A row with its findings for each thing that is described, or in force. Raises ServerError."""
    return [
        _configuration(transport),
        *_scrape_jobs(transport, jobs),
        *_targets(transport),
        *_rules(transport, rules, mask),
    ]


def _configuration(transport: Transport) -> Result:
    is_good = transport.get("/api/v1/status/runtimeinfo")["data"].get("reloadConfigSuccess", True)
    found = {"configuration": "the last one" if is_good else "the one before, as the last one is refused"}
    return looked_at("Prometheus", found, {"configuration": "the last one"})


def _scrape_jobs(transport: Transport, jobs: Sequence[str]) -> Iterator[Result]:
    loaded = transport.get("/api/v1/scrape_pools")["data"]["scrapePools"] or []
    for job in sorted({*jobs, *loaded}):
        yield looked_at(f"ScrapeJob {job}", {} if job in loaded else None, {} if job in jobs else None)


def _targets(transport: Transport) -> Iterator[Result]:
    said = transport.get("/api/v1/query", {"query": DOWN})["data"]["result"]
    down = {(each["metric"].get("job"), each["metric"].get("instance")) for each in said}
    for target in transport.get("/api/v1/targets", {"state": "active"})["data"]["activeTargets"]:
        labels = target["labels"]
        name = labels.get("pod") or labels.get("node") or labels.get("instance", "")
        is_down = (labels.get("job"), labels.get("instance")) in down
        health = f"down: {target.get('lastError', '')}".rstrip(": ") if is_down else "up"
        yield looked_at(f"Target {labels.get('job')} {name}", {"health": health}, {"health": "up"})


def _rules(transport: Transport, rules: Sequence[Mapping[str, JSON]], mask: Mask) -> Iterator[Result]:
    groups = transport.get("/api/v1/rules")["data"]["groups"]
    loaded = {each["name"]: each for group in groups for each in group["rules"]}
    for rule in rules:
        name = str(rule.get("alert") or rule.get("record"))
        described = state_of_described(rule)
        said = loaded.pop(name, None)
        found = None if said is None else state_of_loaded(said, described, lambda text: _formatted(transport, text))
        yield looked_at(f"Rule {name}", found and mask.masked(found), mask.masked(described))
    for name in loaded:
        yield Result(f"Rule {name}", Action.UNCHANGED, findings=[Finding(State.EXTRA)])


def _formatted(transport: Transport, expression: str) -> str:
    """An expression as the server spells it; as it is where the server cannot read it."""
    try:
        return str(transport.get("/api/v1/format_query", {"query": expression})["data"])
    except ServerError as error:
        if error.status not in (400, 422):
            raise
        return expression
