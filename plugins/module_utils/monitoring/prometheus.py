"""What a Prometheus says of itself, and what is wrong with it: targets, rules, queries without an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import ServerError, Transport


@dataclass(frozen=True)
class Target:
    """Something that is scraped. `error` is what the last scrape failed with."""

    job: str
    instance: str
    is_up: bool
    error: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Target:
        labels = said["labels"]
        name = labels.get("pod") or labels.get("node") or labels.get("instance", "")
        return cls(labels.get("job", ""), name, said["health"] == "up", said.get("lastError", ""))


@dataclass(frozen=True)
class Rule:
    """An alerting or recording rule. `error` is what its last evaluation failed with."""

    name: str
    is_healthy: bool
    error: str
    state: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Rule:
        # A rule that was not evaluated yet is of health "unknown".
        return cls(said["name"], said.get("health") == "ok", said.get("lastError", ""), said.get("state", ""))


@dataclass(frozen=True)
class Observed:
    """What one look saw. `answers` are the numbers of samples of each query by its name, or why it is refused."""

    targets: Sequence[Target]
    rules: Sequence[Rule]
    answers: Mapping[str, int | str]


class Prometheus:
    """Reads through the HTTP API v1."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def targets(self) -> list[Target]:
        """Every active target."""
        said = self._transport.get("/api/v1/targets", {"state": "active"})
        return [Target.of(each) for each in said["data"]["activeTargets"]]

    def rules(self) -> list[Rule]:
        """Every rule of every group."""
        groups = self._transport.get("/api/v1/rules")["data"]["groups"]
        return [Rule.of(each) for group in groups for each in group["rules"]]

    def samples(self, query: str) -> int:
        """How many samples an instant query is answered with. Raises ServerError where it is refused."""
        return len(self._transport.get("/api/v1/query", {"query": query})["data"]["result"])

    def observe(self, queries: Mapping[str, str]) -> Observed:
        """One look at everything."""
        answers: dict[str, int | str] = {}
        for name, query in queries.items():
            try:
                answers[name] = self.samples(query)
            except ServerError as error:
                if error.status != 400 and error.status != 422:
                    raise
                answers[name] = error.why
        return Observed(self.targets(), self.rules(), answers)


def faults(observed: Observed, jobs: Iterable[str], rules: Iterable[str]) -> list[str]:
    """A sentence for each thing that is wrong; none when all is well."""
    return [
        *_faults_of_targets(observed.targets, jobs),
        *_faults_of_rules(observed.rules, rules),
        *_faults_of_answers(observed.answers),
    ]


def _faults_of_targets(targets: Sequence[Target], jobs: Iterable[str]) -> Iterator[str]:
    known = {target.job for target in targets}
    yield from (f"job {job} has no target" for job in jobs if job not in known)
    for target in targets:
        if not target.is_up:
            yield f"target {target.job} {target.instance} is down: {target.error or 'it was not scraped yet'}"


def _faults_of_rules(rules: Sequence[Rule], expected: Iterable[str]) -> Iterator[str]:
    known = {rule.name for rule in rules}
    yield from (f"rule {name} is not loaded" for name in expected if name not in known)
    for rule in rules:
        if not rule.is_healthy:
            yield f"rule {rule.name} is not healthy: {rule.error or 'it was not evaluated yet'}"


def _faults_of_answers(answers: Mapping[str, int | str]) -> Iterator[str]:
    for name, answer in answers.items():
        if isinstance(answer, str):
            yield f"query {name} is refused: {answer}"
        elif not answer:
            yield f"query {name} returns nothing"
