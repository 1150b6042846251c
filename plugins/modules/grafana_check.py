#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module grafana_check: sees that a Grafana shows what was provisioned, with data in every panel."""

from __future__ import annotations

DOCUMENTATION = r"""
module: grafana_check
short_description: See that Grafana has its dashboards as provisioned, and an answer for each of their panels
version_added: 0.2.0
author: The mlops.tracking founders
description:
  - The datasource must be healthy. Each of O(dashboards) must be there and equal to what is given, but for what Grafana
    writes into it. Each query of each panel, asked through Grafana's own API, must return a number.
  - Variables of a dashboard stand for everything they could be.
  - It fails where anything is wrong, and names dashboard, panel and query.
  - With O(drift) it does not fail for what it finds; each field of a dashboard or a datasource that is not as given is in its row's
    C(findings). Panels are not asked, and O(wait) is none.
  - It writes nothing, so it does the same in check mode, and is never changed.
  - Grafana is reached through a port-forward where its address is that of a Service.
options:
  url:
    description: Address of Grafana, as it is called in the cluster.
    type: str
    default: http://grafana.monitoring.svc.cluster.local:3000
  credentials:
    description: The Secret with a user who may look at everything.
    type: dict
    suboptions:
      namespace:
        description: Namespace of the Secret.
        type: str
        required: true
      name:
        description: Name of the Secret.
        type: str
        required: true
      username:
        description: The key in the Secret that holds the name.
        type: str
        default: username
      password:
        description: The key in the Secret that holds the password.
        type: str
        default: password
  datasource:
    description: The uid of the datasource that panels ask.
    type: str
    default: prometheus
  dashboards:
    description: Dashboards as their JSON says.
    type: list
    elements: dict
    default: []
  datasources:
    description: Datasources as their provisioning has them, for O(drift).
    type: list
    elements: dict
    default: []
  seconds:
    description: Over how many of the last seconds panels are asked.
    type: int
    default: 900
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
- name: See that Grafana reaches Prometheus
  mlops.tracking.grafana_check:
    context: kind-tracking
    credentials:
      namespace: monitoring
      name: grafana-admin

- name: See that a dashboard is as it was provisioned, and none of its panels is empty
  mlops.tracking.grafana_check:
    context: kind-tracking
    credentials:
      namespace: monitoring
      name: grafana-admin
    dashboards:
      - "{{ lookup('ansible.builtin.file', 'roles/monitoring/files/dashboards/training.json') | from_json }}"
"""

RETURN = r"""
objects:
  description: A row for each dashboard.
  returned: success
  type: list
  elements: dict
  contains:
    ref: {description: The dashboard., type: str, sample: Dashboard MLflow}
    action: {description: "Always V(unchanged): nothing is written.", type: str}
    changes: {description: The paths that change., type: list, elements: str}
    duration: {description: Seconds the write took., type: float}
    tries: {description: How many times it was tried., type: int}
    readiness: {description: "V(as provisioned).", type: str}
    error: {description: "Why it failed, without secrets.", type: str, returned: when it failed}
summary:
  description: The same in one sentence.
  returned: success
  type: str
  sample: 5 dashboards as provisioned, 48 panels with data from 61 queries
error:
  description: What is wrong; RV(ignore:faults) has a sentence for each thing.
  returned: failure
  type: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    read_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.grafana import Grafana
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.grafana_drift import grafana_rows
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.patience import until_well
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import Transport
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan

ARGUMENTS: dict[str, dict[str, Any]] = {
    "url": {"type": "str", "default": "http://grafana.monitoring.svc.cluster.local:3000"},
    "credentials": {
        "type": "dict",
        "options": {
            "namespace": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "username": {"type": "str", "default": "username"},
            "password": {"type": "str", "default": "password", "no_log": False},
        },
    },
    "datasource": {"type": "str", "default": "prometheus"},
    "dashboards": {"type": "list", "elements": "dict", "default": []},
    "datasources": {"type": "list", "elements": "dict", "default": []},
    "seconds": {"type": "int", "default": 900},
    "wait": {"type": "float", "default": 0},
}


def sign_in(parameters: Mapping[str, Any], cluster: Cluster) -> dict[str, str]:
    """User and password of the Secret that the options name; nobody where they name none."""
    named = parameters["credentials"]
    if not named:
        return {}
    reference = SecretReference(named["namespace"], named["name"])
    values = read_secret(cluster, reference, [named["username"], named["password"]])
    return {"user": values[named["username"]], "password": values[named["password"]]}


def plan(parameters: Mapping[str, Any], cluster: Cluster, mode: Mode) -> Plan:
    """Looks until all is well; there is nothing to carry out."""
    if mode.only is not None:
        return Plan(None, None, Outcome(summary="What is shown follows from objects: nothing to put right"))
    dashboards = parameters["dashboards"]
    user = sign_in(parameters, cluster)
    with reach(cluster, parameters["url"]) as reached, Transport(reached.url, "Grafana", **user) as transport:
        if mode.drift:
            found = grafana_rows(transport, user.get("user", ""), dashboards, parameters["datasources"], cluster.mask)
            return Plan(None, None, Outcome(found, f"{len(found)} things of Grafana looked at"))
        grafana = Grafana(transport)
        seen = until_well(
            lambda: grafana.check(dashboards, parameters["datasource"], parameters["seconds"]),
            lambda seen: seen.faults,
            server="Grafana",
            wait=parameters["wait"],
            mend="Run site.yml to put dashboards back; for an empty panel look whether its target is up",
        )
    rows = [Result(f"Dashboard {one['title']}", Action.UNCHANGED, readiness="as provisioned") for one in dashboards]
    summary = f"{seen.dashboards} dashboards as provisioned, {seen.panels} panels with data from {seen.queries} queries"
    return Plan({}, {}, Outcome(rows, summary))


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
