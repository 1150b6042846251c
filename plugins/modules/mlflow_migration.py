#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module mlflow_migration: the journal of a move of MLflow's metadata between databases."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mlflow_migration
short_description: Keep the journal of a move of MLflow's metadata between databases
version_added: 0.2.0
author: The mlops.tracking founders
description:
  - Writes how far a move is to ConfigMap C(tracking-migration), so that the next run knows what one that was killed left.
  - The first phase, V(preflight), begins a move. It is refused while another ansible-playbook is at one; one that was killed
    on this machine is known by its process, one on another machine by O(seconds).
  - Moves nothing itself. Playbooks C(migrate-to-postgres.yml) and C(rollback-to-sqlite.yml) do.
options:
  namespace:
    description: Namespace of MLflow.
    type: str
    default: monitoring
  phase:
    description:
      - The phase that is entered. V(done) and V(returned) (to the database it came from) end a move.
      - Without it, the journal is only read. That fails where another ansible-playbook is at a move.
    type: str
    choices: [preflight, move, prove, switch, done, returned]
  direction:
    description: Where to, when O(phase=preflight).
    type: str
    choices: [postgresql, sqlite]
    default: postgresql
  seconds:
    description: How long the phase may take, after which a run on another machine counts as killed.
    type: int
    default: 3600
  reason:
    description: Why, when O(phase=returned). Where O(log) tells of a failure, its sentence is the reason.
    type: str
    default: ""
  report:
    description: What it came to; it is added to what the journal's report holds.
    type: dict
    default: {}
  log:
    description:
      - Lines of the log of the Job that moves the rows. The report that its last line holds becomes C(program) of the journal's.
    type: list
    elements: str
    default: []
  settle:
    description:
      - Ends a move that was killed, so that MLflow may be deployed on the database that is recorded. Where none was, nothing is done.
    type: bool
    default: false
  take_over:
    description: Takes over a move that was killed on another machine, which cannot be seen from here.
    type: bool
    default: false
  process:
    description: What the action plugin says of its ansible-playbook. Not for playbooks.
    type: int
extends_documentation_fragment:
  - mlops.tracking.cluster
"""

EXAMPLES = r"""
- name: See whether a move of the database is under way
  mlops.tracking.mlflow_migration:
    context: kind-tracking
"""

RETURN = r"""
journal:
  description: The journal as it is now, or in check mode would be.
  returned: where there is one
  type: dict
  contains:
    phase: {description: The phase., type: str}
    direction: {description: Where to., type: str}
    started: {description: "When it began, ISO 8601.", type: str}
    reason: {description: Why it was returned., type: str}
    history: {description: "The phases with their times.", type: list, elements: dict}
    report: {description: What it came to., type: dict}
    last_done: {description: "C(direction), C(started) and C(report) of the last move before it that was done.", type: dict}
was_killed:
  description: Whether a move that was killed was found.
  returned: success
  type: bool
objects:
  description: "One row: what was, or in check mode would be, done to the journal."
  returned: success
  type: list
  elements: dict
  contains:
    ref: {description: The journal., type: str, sample: "ConfigMap monitoring/tracking-migration"}
    action: {description: "V(created), V(changed) or V(unchanged).", type: str}
    changes: {description: Empty., type: list, elements: str}
    duration: {description: Seconds the write took., type: float}
    tries: {description: How many times it was tried., type: int}
    readiness: {description: The phase., type: str}
    error: {description: "Never there: a failure is the module's.", type: str, returned: never}
summary:
  description: The same in one line.
  returned: success
  type: str
error:
  description: What failed, why, and the mend.
  returned: failure
  type: dict
"""

import os
import time
from dataclasses import replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.backend import read_record
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.journal import (
    DONE,
    NAME,
    PHASES,
    PREFLIGHT,
    Holder,
    Journal,
    begun,
    continued,
    read,
    seconds_without_writes,
    settled,
    told_by_job,
    under_way_elsewhere,
    write,
)
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan

ARGUMENTS: dict[str, dict[str, Any]] = {
    "namespace": {"type": "str", "default": "monitoring"},
    "phase": {"type": "str", "choices": list(PHASES)},
    "direction": {"type": "str", "choices": ["postgresql", "sqlite"], "default": "postgresql"},
    "seconds": {"type": "int", "default": 3600},
    "reason": {"type": "str", "default": ""},
    "report": {"type": "dict", "default": {}},
    "log": {"type": "list", "elements": "str", "default": []},
    "settle": {"type": "bool", "default": False},
    "take_over": {"type": "bool", "default": False},
    "process": {"type": "int"},
}


def following(
    parameters: Parameters, before: Journal | None, holder: Holder, backend: str, *, check: bool = False
) -> Journal | None:
    """The journal as it is to be; raises TrackingError where another run is at a move. backend: what is recorded.

    check: the phases before this one were only predicted, so the journal does not have them.
    """
    now, phase = time.time(), parameters["phase"]
    is_others = before is not None and before.is_under_way and before.holder != holder
    if before is not None and is_others and not (before.is_abandoned(now) or parameters["take_over"]):
        raise under_way_elsewhere(before)
    if parameters["settle"]:
        return settled(before, now, backend) if before is not None and is_others else before
    if phase is None:
        return before
    if phase == PREFLIGHT:
        return begun(before, holder, parameters["direction"], now, parameters["seconds"])
    if check and (before is None or before.holder != holder):
        before = begun(before, holder, parameters["direction"], now, parameters["seconds"])
    told = told_by_job(parameters["log"])
    reason = str(told.get("sentence") or "") if told.get("code") else parameters["reason"]
    after = continued(before, holder, phase, now, parameters["seconds"], reason)
    added = {**parameters["report"], **({"program": told} if told else {})}
    if phase == DONE:
        added["seconds_without_writes"] = seconds_without_writes(after)
    return replace(after, report={**after.report, **added})


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Reads the journal and says what it would become."""
    namespace = parameters["namespace"]
    holder = Holder.of(parameters["process"] or os.getppid())
    before = read(cluster, namespace)
    record = read_record(cluster, namespace)
    after = following(parameters, before, holder, record.backend if record else "", check=mode.check)
    is_change = after is not before
    was_killed = before is not None and before.is_under_way and before.holder != holder
    action = Action.UNCHANGED if not is_change else Action.CREATED if before is None else Action.CHANGED
    phase = after.phase if after else "none"
    row = Result(Reference("v1", "ConfigMap", namespace, NAME), action, readiness=phase)
    values: dict[str, Any] = {"was_killed": was_killed}
    if after is not None:
        values["journal"] = {
            "phase": after.phase,
            "direction": after.direction,
            "started": after.started,
            "reason": after.reason,
            "history": [dict(entry) for entry in after.history],
            "report": dict(after.report),
            "last_done": dict(after.last_done),
        }
    outcome = Outcome([row], f"the migration's journal: {phase}", values)

    def carry_out() -> Outcome:
        if after is not None:
            write(cluster, namespace, after)
        return outcome

    return Plan({"phase": before.phase if before else "none"}, {"phase": phase}, outcome, carry_out, changed=is_change)


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
