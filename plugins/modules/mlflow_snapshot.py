#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module mlflow_snapshot: what a server holds, read through its API, compared with what it held before."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mlflow_snapshot
short_description: Read what an MLflow server holds, and compare it with an earlier reading
version_added: 0.2.0
author: The mlops.tracking founders
description:
  - Reads experiments with deleted ones, the oldest and the newest runs with params, tags and metrics, whole histories of
    metrics (first those that end in NaN or an infinity), registered models with aliases and tags, their versions, logged
    models, traces and the bytes of one artifact through MLflow's REST API. Each thing becomes a digest of the server's own JSON.
  - With O(expected), an earlier reading, it fails where something of it is missing or differs, and names it, unless O(tolerant)
    says that this is only to be told. More may be there. Of runs that were still going on, only their presence counts.
  - With O(write) it makes a registered model and a tag of it, reads them back and removes them again, where nothing differs.
  - The server is reached through a port-forward where its address is that of a Service.
options:
  tracking_uri:
    description: Address of the MLflow server, as it is called in the cluster.
    type: str
    default: http://mlflow.monitoring.svc.cluster.local:5000
  host:
    description: What the server calls itself, where it is asked through another Service than its own.
    type: str
    default: ""
  expected:
    description: The RV(snapshot) of an earlier reading.
    type: dict
  left_out:
    description:
      - Ids of which rows were left out on purpose. What differs and is named by one of them is RV(left_out), and no failure;
        V(*) stands for any.
    type: list
    elements: str
    default: []
  tolerant:
    description: Whether what differs is told as RV(differing) and no failure, for who can find out whose doing it is.
    type: bool
    default: false
  write:
    description: Whether a write is tried and taken back. Not in check mode.
    type: bool
    default: false
  runs:
    description: How many runs are read at most, half of them the oldest and half the newest.
    type: int
    default: 2000
  histories:
    description: How many histories of metrics are read at most.
    type: int
    default: 30
extends_documentation_fragment:
  - mlops.tracking.cluster
attributes:
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Read what the server holds
  mlops.tracking.mlflow_snapshot:
    context: kind-tracking
  register: before

- name: See that it holds it still, and takes a write
  mlops.tracking.mlflow_snapshot:
    context: kind-tracking
    expected: "{{ before.snapshot }}"
    write: true
"""

RETURN = r"""
snapshot:
  description: The reading, for O(expected) of a later one.
  returned: success
  type: dict
  contains:
    things: {description: "Digests by kind and key.", type: dict}
    open_runs: {description: Runs that had not ended., type: list, elements: str}
counts:
  description: How many of each kind were read.
  returned: success
  type: dict
compared:
  description: How many of each kind were compared and are equal.
  returned: success
  type: dict
differing:
  description: What differs, a sentence each, with O(tolerant).
  returned: success
  type: list
  elements: str
left_out:
  description: What differs, a sentence each, as rows were left out on purpose.
  returned: success
  type: list
  elements: str
objects:
  description: "One row: the server."
  returned: success
  type: list
  elements: dict
  contains:
    ref: {description: The server., type: str}
    action: {description: "Always V(unchanged).", type: str}
    changes: {description: Empty., type: list, elements: str}
    duration: {description: Zero., type: float}
    tries: {description: Zero., type: int}
    readiness: {description: "V(equal), V(differs) or V(read).", type: str}
    error: {description: "Never there: a failure is the module's.", type: str, returned: never}
summary:
  description: The same in one line.
  returned: success
  type: str
error:
  description: What differs; RV(ignore:differences) names each thing.
  returned: failure
  type: dict
"""

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.survey import Limits, Survey, survey
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.survey_comparison import Compared, compare
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.trial_write import write_and_take_back
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan

ARGUMENTS: dict[str, dict[str, Any]] = {
    "tracking_uri": {"type": "str", "default": "http://mlflow.monitoring.svc.cluster.local:5000"},
    "host": {"type": "str", "default": ""},
    "expected": {"type": "dict"},
    "left_out": {"type": "list", "elements": "str", "default": []},
    "tolerant": {"type": "bool", "default": False},
    "write": {"type": "bool", "default": False},
    "runs": {"type": "int", "default": 2000},
    "histories": {"type": "int", "default": 30},
}


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Reads and compares; what is written is taken back, so nothing is ever changed."""
    uri, expected = parameters["tracking_uri"], parameters["expected"]
    limits = Limits(runs=parameters["runs"], histories=parameters["histories"])
    with (
        reach(cluster, uri) as reached,
        Transport(reached.url, host_header=parameters["host"] or reached.host_header, timeout=120.0) as transport,
    ):
        found = survey(transport, limits)
        compared = Compared()
        if expected:
            compared = compare(transport, Survey.from_json(expected), found, parameters["left_out"])
        if not parameters["tolerant"]:
            compared.need_equal()
        writes = parameters["write"] and not mode.check and not compared.differing
        if writes:
            write_and_take_back(transport)
    summary = _summary(compared, found, is_compared=bool(expected)) + (", a write taken back" if writes else "")
    read = "differs" if compared.differing else "equal"
    row = Result(f"MLflow {uri}", Action.UNCHANGED, readiness=read if expected else "read")
    values = {
        "snapshot": found.as_json(),
        "counts": found.counts(),
        "compared": compared.equal,
        "differing": compared.differing,
        "left_out": compared.left_out,
    }
    return Plan({}, {}, Outcome([row], summary, values))


def _summary(compared: Compared, found: Survey, *, is_compared: bool) -> str:
    counts = compared.equal if is_compared else found.counts()
    told = ", ".join(f"{number:,} {kind}" for kind, number in counts.items() if number) or "nothing"
    parts = [f"{told} {'equal' if is_compared else 'read'} through the API"]
    parts += [f"{len(compared.differing):,} not"] if compared.differing else []
    parts += [f"{len(compared.left_out):,} without rows that were left out"] if compared.left_out else []
    return ", ".join(parts)


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
