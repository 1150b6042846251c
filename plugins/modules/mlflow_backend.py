#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module mlflow_backend: tells which database MLflow's metadata is in, and writes it down."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mlflow_backend
short_description: Tell which database MLflow is on, and record it on the cluster
version_added: 0.2.0
author: The mlops.tracking founders
description:
  - Tells which database MLflow's metadata is in. What the cluster has recorded (ConfigMap C(tracking-backend)) counts first,
    then what the Deployment is told to use, then which of the two claims has a volume.
  - Refuses a database that would leave the runs of the present one behind, so that there are never two that differ.
  - With O(record) it writes down the database, which is a change only where it is another than before.
options:
  namespace:
    description: Namespace of MLflow.
    type: str
    default: monitoring
  backend:
    description:
      - The database that is wanted. V(auto) is the one the cluster is on, SQLite on a new one.
    type: str
    choices: [auto, sqlite, postgresql]
    default: auto
  deployment:
    description: Name of MLflow's Deployment.
    type: str
    default: mlflow
  sqlite_claim:
    description: The claim that holds MLflow's SQLite database.
    type: str
    default: mlflow-pvc
  postgres_claim:
    description: The claim that holds PostgreSQL's data, where it runs in the cluster.
    type: str
    default: postgres-data
  record:
    description: Whether O(backend), or what V(auto) comes to, is written down.
    type: bool
    default: false
  switch:
    description:
      - Whether O(backend) may be another than the present one. For who has moved the runs and proved that all are there.
    type: bool
    default: false
  address:
    description: Where the database is, for people who look at the record. Never with a password.
    type: str
    default: ""
  field_manager:
    description: The name under which the API server keeps which fields are applied from here.
    type: str
    default: mlops.tracking
extends_documentation_fragment:
  - mlops.tracking.cluster
"""

EXAMPLES = r"""
- name: Find out which database MLflow is on
  mlops.tracking.mlflow_backend:
    context: kind-tracking
  register: found

- name: Write it down
  mlops.tracking.mlflow_backend:
    context: kind-tracking
    backend: "{{ found.backend }}"
    record: true
"""

RETURN = r"""
backend:
  description: The database to run on, V(sqlite) or V(postgresql).
  returned: success
  type: str
current:
  description: The database metadata is in now; empty on a new cluster.
  returned: success
  type: str
since:
  description: Since when, ISO 8601; empty where it is not recorded.
  returned: success
  type: str
address:
  description: The recorded address; empty where there is none.
  returned: success
  type: str
has_sqlite_volume:
  description: Whether the claim of the SQLite database has a volume.
  returned: success
  type: bool
is_foreign:
  description: Whether somebody else made the Deployment, so that it is to be adopted before anything is applied to it.
  returned: success
  type: bool
objects:
  description: "One row: what was, or in check mode would be, done to the record."
  returned: success
  type: list
  elements: dict
  contains:
    ref: {description: The record., type: str, sample: "ConfigMap monitoring/tracking-backend"}
    action: {description: "V(created), V(changed) or V(unchanged).", type: str}
    changes: {description: The keys that change., type: list, elements: str}
    duration: {description: Seconds the write took., type: float}
    tries: {description: How many times it was tried., type: int}
    readiness: {description: "Empty: what is written is there.", type: str}
    error: {description: "Never there: a failure is the module's.", type: str, returned: never}
summary:
  description: The same in one line.
  returned: success
  type: str
  sample: "MLflow is on postgresql since 2026-11-24T20:11:09Z"
error:
  description: The variable that stands in the way, why, and the mend.
  returned: failure
  type: dict
"""

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import as_text
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.states import findings_between
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.backend import (
    RECORD,
    Place,
    Record,
    choose,
    look,
    next_record,
    write_record,
)
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan

ARGUMENTS: dict[str, dict[str, Any]] = {
    "namespace": {"type": "str", "default": "monitoring"},
    "backend": {"type": "str", "choices": ["auto", "sqlite", "postgresql"], "default": "auto"},
    "deployment": {"type": "str", "default": "mlflow"},
    "sqlite_claim": {"type": "str", "default": "mlflow-pvc"},
    "postgres_claim": {"type": "str", "default": "postgres-data"},
    "record": {"type": "bool", "default": False},
    "switch": {"type": "bool", "default": False},
    "address": {"type": "str", "default": ""},
    "field_manager": {"type": "str", "default": "mlops.tracking"},
}


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Looks, chooses, and says what the record would become."""
    namespace, wanted = parameters["namespace"], parameters["backend"]
    place = Place(namespace, parameters["deployment"], parameters["sqlite_claim"], parameters["postgres_claim"])
    evidence = look(cluster, place, parameters["field_manager"])
    is_switch = parameters["switch"] and wanted != "auto"
    backend = wanted if is_switch else choose(wanted, evidence)
    before = evidence.record
    after = next_record(before, backend, parameters["address"]) if parameters["record"] else before
    shown = after or Record(backend)
    values = {
        "backend": backend,
        "current": "" if is_switch else evidence.current() or "",
        "since": shown.since,
        "address": shown.address,
        "has_sqlite_volume": evidence.has_sqlite_volume,
        "is_foreign": evidence.is_foreign,
    }
    summary = f"MLflow is on {backend}" + (f" since {shown.since}" if shown.since else "")
    old, new = before.as_data() if before else None, after.as_data() if after else None
    changes = sorted(key for key in new or {} if (old or {}).get(key) != (new or {})[key])
    action = Action.UNCHANGED if old == new else Action.between(old, new)
    reference = Reference("v1", "ConfigMap", namespace, RECORD)
    row = Result(reference, action, changes)
    if mode.drift:
        row.findings = findings_between(old and {"data": old}, new and {"data": new})
    outcome = Outcome([row], summary, values)
    difference = {
        "before_header": str(reference) if old else f"{reference} (not there)",
        "after_header": str(reference),
        "before": as_text(old),
        "after": as_text(new),
    }

    def carry_out() -> Outcome:
        write_record(cluster, namespace, shown, parameters["field_manager"])
        return outcome

    may_be_written = mode.only is None or str(reference) in mode.only
    is_change = old != new and may_be_written
    return Plan(old or {}, new or {}, outcome, carry_out, is_change, [difference] if old != new else [])


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
