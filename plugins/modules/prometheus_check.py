#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module prometheus_check: sees that a Prometheus scrapes, evaluates and answers as it should."""

from __future__ import annotations

DOCUMENTATION = r"""
module: prometheus_check
short_description: See that Prometheus scrapes its targets, evaluates its rules, and has an answer to queries
version_added: 0.2.0
author: The mlops.tracking founders
description:
  - Every target must be up, and each of O(jobs) must have one. Every rule must be healthy, and each of O(rules) loaded.
    Each of O(queries) must return at least one sample.
  - It fails where anything is wrong, and names each thing with Prometheus' own words for it.
  - With O(drift) it does not fail for what it finds; each thing that is not in force as described is in its row's C(findings), a target where
    it has been down for five minutes. O(queries) are not asked, and O(wait) is none.
  - It writes nothing, so it does the same in check mode, and is never changed.
  - Prometheus is reached through a port-forward where its address is that of a Service.
options:
  url:
    description: Address of Prometheus, as it is called in the cluster.
    type: str
    default: http://prometheus.monitoring.svc.cluster.local:9090
  jobs:
    description: Scrape jobs that must have a target.
    type: list
    elements: str
    default: []
  rules:
    description: Names of alerts and recordings that must be loaded.
    type: list
    elements: str
    default: []
  definitions:
    description:
      - Rules as a rules file has them. With O(drift), each must be loaded as it is here, and no other; so must the O(jobs).
    type: list
    elements: dict
    default: []
  queries:
    description: PromQL expressions that must return something, by names to tell them by.
    type: dict
    default: {}
  wait:
    description: Seconds to look again until nothing is wrong, as what was just deployed needs a first scrape.
    type: float
    default: 0
extends_documentation_fragment:
  - mlops.tracking.cluster
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: See that every target is up and every rule healthy
  mlops.tracking.prometheus_check:
    context: kind-tracking

- name: See that MLflow is scraped, and that its alert has something to measure
  mlops.tracking.prometheus_check:
    context: kind-tracking
    jobs: [mlflow]
    rules: [MLflowDown]
    queries:
      requests: sum(rate(mlflow_http_request_total[5m]))
    wait: 60
"""

RETURN = r"""
objects:
  description: A row for each target.
  returned: success
  type: list
  elements: dict
  contains:
    ref: {description: Job and target., type: str, sample: Target mlflow mlflow-7d4b9c-x2x8p}
    action: {description: "Always V(unchanged): nothing is written.", type: str}
    changes: {description: The paths that change., type: list, elements: str}
    duration: {description: Seconds the write took., type: float}
    tries: {description: How many times it was tried., type: int}
    readiness: {description: "V(up).", type: str}
    error: {description: "Why it failed, without secrets.", type: str, returned: when it failed}
firing:
  description: Names of the alerts that fire at present.
  returned: success
  type: list
  elements: str
summary:
  description: The same in one sentence.
  returned: success
  type: str
  sample: 11 targets up, 18 rules healthy, 18 queries answered
error:
  description: What is wrong; RV(ignore:faults) has a sentence for each thing.
  returned: failure
  type: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.patience import until_well
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.prometheus import Prometheus, faults
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.prometheus_drift import prometheus_rows
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import Transport
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan

ARGUMENTS: dict[str, dict[str, Any]] = {
    "url": {"type": "str", "default": "http://prometheus.monitoring.svc.cluster.local:9090"},
    "jobs": {"type": "list", "elements": "str", "default": []},
    "rules": {"type": "list", "elements": "str", "default": []},
    "definitions": {"type": "list", "elements": "dict", "default": []},
    "queries": {"type": "dict", "default": {}},
    "wait": {"type": "float", "default": 0},
}


def plan(parameters: Mapping[str, Any], cluster: Cluster, mode: Mode) -> Plan:
    """Looks until all is well; there is nothing to carry out."""
    if mode.only is not None:
        return Plan(None, None, Outcome(summary="What is in force follows from objects: nothing to put right"))
    with reach(cluster, parameters["url"]) as reached, Transport(reached.url, "Prometheus") as transport:
        if mode.drift:
            found = prometheus_rows(transport, parameters["jobs"], parameters["definitions"], cluster.mask)
            return Plan(None, None, Outcome(found, f"{len(found)} things of Prometheus looked at"))
        prometheus = Prometheus(transport)
        seen = until_well(
            lambda: prometheus.observe(parameters["queries"]),
            lambda seen: faults(seen, parameters["jobs"], parameters["rules"]),
            server="Prometheus",
            wait=parameters["wait"],
            mend="Look at the pods that are named, or run site.yml where something is missing",
        )
    rows = [Result(f"Target {one.job} {one.instance}", Action.UNCHANGED, readiness="up") for one in seen.targets]
    firing = sorted({rule.name for rule in seen.rules if rule.state == "firing"})
    summary = f"{len(rows)} targets up, {len(seen.rules)} rules healthy, {len(seen.answers)} queries answered"
    return Plan({}, {}, Outcome(rows, summary, {"firing": firing}))


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
