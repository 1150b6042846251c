#!/usr/bin/python
"""Module job: runs a Kubernetes Job to its end, once or every time."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

DOCUMENTATION = r"""
module: job
short_description: Run a Kubernetes Job to its end
version_added: 0.1.0
description:
  - Runs one Job and waits for its end. A complete Job of that name is the record that it ran; with O(run=missing) nothing
    is done then.
  - A failed Job is always deleted and run again. One that is still running with the same manifest is followed to its end.
  - Before the Job starts, workloads named in O(quiesce) are scaled to 0 and their pods are gone. They stay at 0 when the Job
    succeeds, as the M(mlops.tracking.manifests) that follows scales them up again; when it fails, they are scaled back.
  - The failure says the cause and the last lines of the log, without the secrets the Job was given.
options:
  template:
    description: A template of the Job's manifest, rendered on the controller; the Job is alone in it.
    type: str
  definition:
    description: The Job's manifest as a mapping, instead of O(template).
    type: dict
  documents:
    description: What the action plugin makes of O(template) or O(definition). Not for playbooks.
    type: str
  run:
    description:
      - V(missing) runs it unless a Job of that name is complete. V(always) deletes that one first.
      - V(changed) runs it unless a Job of that name is complete that was made of the same manifest. So the last Job says
        which state was reached, also after going back to an earlier one.
      - V(new_image) runs it where a workload of O(quiesce) runs another image than the Job, and where none is there but a
        claim that the Job mounts has a volume, or the Job mounts none. It is for Jobs that prepare data for an image, such as
        migrations.
    type: str
    choices: [missing, changed, new_image, always]
    default: missing
  quiesce:
    description: Workloads to hold still while the Job runs. One that does not exist is none to hold still.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: The workload's kind.
        type: str
        choices: [Deployment, StatefulSet]
        default: Deployment
      name:
        description: Its name.
        type: str
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
  timeout:
    description: Seconds all of it may take.
    type: int
    default: 600
  field_manager:
    description: The name under which the API server keeps which fields are applied from here.
    type: str
    default: mlops.tracking
extends_documentation_fragment:
  - mlops.tracking.cluster
author:
  - The mlops.tracking founders
"""

EXAMPLES = r"""
- name: Upgrade the database while no server runs
  mlops.tracking.job:
    template: job.yaml.j2
    quiesce:
      - kind: Deployment
        name: mlflow
        namespace: monitoring

- name: Say hello every time
  mlops.tracking.job:
    run: always
    timeout: 60
    definition:
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: hello
        namespace: default
      spec:
        backoffLimit: 0
        template:
          spec:
            restartPolicy: Never
            containers:
              - name: hello
                image: docker.io/library/busybox:1.37
                command: [echo, hello]
"""

RETURN = r"""
objects:
  description: "One row: what was, or in check mode would be, done to the Job."
  returned: always, once the manifest is read
  type: list
  elements: dict
  contains:
    ref: {description: "Kind, namespace and name.", type: str, sample: "Job training/prove"}
    action: {description: "V(created), V(changed) (an earlier run's Job is replaced or followed), V(unchanged) or V(failed).", type: str}
    changes: {description: "Empty: a Job is run as a whole.", type: list, elements: str}
    duration: {description: "Seconds it took, with holding workloads still.", type: float}
    tries: {description: How many requests it took to make it., type: int}
    readiness: {description: "V(complete) or V(failed) where it ran.", type: str}
    error: {description: "Why it failed, without secrets.", type: str, returned: when it failed}
ran:
  description: Whether it ran now, or in check mode would run.
  returned: always
  type: bool
succeeded:
  description: Whether it came to a good end, now or earlier.
  returned: when it ran or is complete
  type: bool
log:
  description: The last 200 lines of its log, without secrets. Empty when it did not run now.
  returned: when it ran or is complete, also when it failed
  type: list
  elements: str
duration:
  description: Seconds it took, with holding workloads still.
  returned: when it ran or is complete
  type: float
summary:
  description: The outcome in one line.
  returned: when it succeeds
  type: str
error:
  description: What failed, by its C(what), C(where), C(why) and C(mend), with more that a program may want to read.
  returned: failure
  type: dict
  sample:
    what: Job monitoring/mlflow-schema failed
    where: ""
    why: BackoffLimitExceeded
    mend: "Mend the cause and run the same again: a failed Job is always run again"
"""

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Outcome
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.job_plan import (
    JobOptions,
    plan_job,
    workload_references,
)
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan

WORKLOAD: dict[str, dict[str, Any]] = {
    "kind": {"type": "str", "choices": ["Deployment", "StatefulSet"], "default": "Deployment"},
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "template": {"type": "str"},
    "definition": {"type": "dict"},
    "documents": {"type": "str", "no_log": True},
    "run": {"type": "str", "choices": ["missing", "changed", "new_image", "always"], "default": "missing"},
    "quiesce": {"type": "list", "elements": "dict", "default": [], "options": WORKLOAD},
    "timeout": {"type": "int", "default": 600},
    "field_manager": {"type": "str", "default": "mlops.tracking"},
}


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Looks for the record of an earlier run, and leaves the running to the base."""
    if mode.drift or mode.only is not None:
        return Plan(None, None, Outcome(summary="A Job is work and no state: nothing to look at"))
    options = JobOptions(
        how=Applying(parameters["field_manager"]),
        run=parameters["run"],
        quiesce=workload_references(parameters["quiesce"]),
        seconds=parameters["timeout"],
        check=mode.check,
        diff=mode.diff,
        progress=mode.progress,
    )
    planned = plan_job(cluster, parameters["documents"] or "[]", options)
    return Plan(
        before=None,
        after=None,
        outcome=planned.outcome,
        carry_out=planned.carry_out,
        changed=planned.is_change,
        differences=planned.differences,
    )


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
