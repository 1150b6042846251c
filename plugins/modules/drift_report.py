#!/usr/bin/python
"""Module drift_report: what a drift check found, written, kept in the cluster and handed to Prometheus."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

DOCUMENTATION = r"""
module: drift_report
short_description: Report what a play in check mode found to differ, and set the exit status
version_added: 0.2.0
description:
  - The last task of a play that runs roles in check mode with O(drift) set for every module. Collects what each task of the
    play returned, tells what differs, what could not be looked at and what a rule takes out, and fails accordingly.
  - "The task fails where something differs (exit status 2), and marks its host unreachable where something could not be
    looked at (4). With both, or with several clusters, callback C(mlops.tracking.drift) makes the exit status 6."
  - Needs callback C(mlops.tracking.drift) among C(callbacks_enabled), which keeps the results.
  - With check mode it still writes its report, which is all that it ever writes; the playbook sets C(check_mode=false) for it.
options:
  formats:
    description: How the report is given. V(table) is shown, and written where there is a O(directory); the others are files.
    type: list
    elements: str
    choices: [table, json, junit, sarif, prometheus]
    default: [table]
  directory:
    description: Where the files go, C(drift-<cluster>.<ending>) each. It is made where it is missing.
    type: path
  ignore:
    description: Findings that are taken out, with the reason why.
    type: list
    elements: dict
    default: []
    suboptions:
      object:
        description: "Which objects, a shell pattern: V(Deployment monitoring/*), V(Bucket training-results)."
        type: str
        default: "*"
      pointers:
        description: Which fields, as JSON pointers; what lies below them is meant too. Without them, all.
        type: list
        elements: str
        default: []
      managers:
        description: Whose hand, shell patterns of field managers. Without them, anybody's.
        type: list
        elements: str
        default: []
      reason:
        description: Why. It is part of the report.
        type: str
        required: true
      until:
        description: The last day on which the rule holds, V(2027-03-31). A rule past its date is reported.
        type: str
  correct_kinds:
    description: Kinds of which the return value C(correctable) names what drifts. None that holds data is allowed.
    type: list
    elements: str
    default: []
  fails:
    description: Whether the task fails where something differs or could not be looked at; its C(status) says it anyway.
    type: bool
    default: true
  config_map:
    description: "A ConfigMap in which the last reports are kept, V(namespace/name)."
    type: str
  keep:
    description: How many reports are kept there.
    type: int
    default: 10
  pushgateway:
    description: Where the metrics are pushed to, the URL of a Prometheus Pushgateway.
    type: str
  report:
    description: The report as JSON; the action plugin makes it. Not for playbooks.
    type: str
  metrics:
    description: The report as metrics; the action plugin makes them. Not for playbooks.
    type: str
extends_documentation_fragment:
  - mlops.tracking.cluster
author:
  - The mlops.tracking founders
"""

EXAMPLES = r"""
- name: Report what differs, for people and for a program
  mlops.tracking.drift_report:
    formats: [table, json]
    directory: reports
    ignore:
      - object: Deployment monitoring/mlflow
        pointers: [/spec/replicas]
        reason: the night shift scales it by hand
        until: "2027-03-31"
  check_mode: false
"""

RETURN = r"""
status:
  description: "Bits: 2 something differs, 4 something could not be looked at; 0 everything is as described."
  returned: always
  type: int
correctable:
  description: What drifts and is of one of O(correct_kinds). An object of which a rule ignores something is not among them.
  returned: always
  type: list
  elements: str
objects:
  description: "One row: the ConfigMap in which the report is kept."
  returned: where it is kept
  type: list
  elements: dict
  contains:
    ref: {description: "Kind, namespace and name.", type: str, sample: "ConfigMap monitoring/tracking-drift-reports"}
    action: {description: "V(created) or V(changed).", type: str}
    changes: {description: The keys that come and go., type: list, elements: str}
    duration: {description: Not measured., type: float}
    tries: {description: Not counted., type: int}
    readiness: {description: Empty., type: str}
    error: {description: Never there., type: str, returned: never}
summary:
  description: The outcome in one line.
  returned: always
  type: str
  sample: 41 of 43 objects as described, 3 findings
error:
  description: What failed, by its C(what), C(where), C(why) and C(mend), with more that a program may want to read.
  returned: failure
  type: dict
  sample:
    what: The metrics cannot be pushed
    where: http://pushgateway.monitoring.svc.cluster.local:9091
    why: "500: disk full"
    mend: Correct variable drift_pushgateway_url, or leave it empty where there is no Pushgateway
"""

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.drift.pushgateway import push
from ansible_collections.mlops.tracking.plugins.module_utils.drift.record import ReportRecord
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Outcome
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan

ARGUMENTS: dict[str, dict[str, Any]] = {
    "config_map": {"type": "str"},
    "keep": {"type": "int", "default": 10},
    "pushgateway": {"type": "str"},
    "report": {"type": "str", "required": True},
    "metrics": {"type": "str", "required": True},
}


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Plans to keep the report beside the last ones, and to push its metrics."""
    record = None
    if parameters["config_map"]:
        record = ReportRecord.read(cluster, parameters["config_map"], parameters["report"], parameters["keep"])

    def carry_out() -> Outcome:
        if record is not None:
            record.write(cluster)
        if parameters["pushgateway"]:
            push(cluster, parameters["pushgateway"], parameters["metrics"], parameters["report"])
        return Outcome([record.row] if record is not None else [], "the report is kept")

    return Plan(None, None, Outcome([record.row] if record is not None else []), carry_out, changed=True)


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
