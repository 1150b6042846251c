#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module mlflow_adoption: moves the runs of a server that somebody else made onto our claim, and ends that server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mlflow_adoption
short_description: Take over the runs of an MLflow server that somebody made by hand
version_added: 0.2.0
author: The mlops.tracking founders
description:
  - Where the Deployment was never applied from here, its SQLite database is copied from the running pod onto a claim, and
    the artifacts in a folder of that pod into a bucket. Most is copied while the server serves; then SQLite's write lock is taken
    in the pod, the rest is copied, both sides are compared by digests of every table, and only then the Deployment and a
    Service that is not ours are deleted. M(mlops.tracking.manifests) makes them anew.
  - A run that is killed anywhere may be run again. Until the Deployment is deleted, the old server serves on; from then on the
    claim holds everything.
  - With O(state=looked) it only says what would be done. With O(state=proved) it reads the adopted runs back through the API of
    the server that has them now.
options:
  namespace:
    description: Namespace of MLflow.
    type: str
    default: monitoring
  state:
    description: How far it goes.
    type: str
    choices: [looked, adopted, proved]
    default: adopted
  adopt:
    description:
      - V(auto) takes runs and artifacts. V(without_artifacts) leaves artifacts behind. V(never) refuses.
    type: str
    choices: [auto, without_artifacts, never]
    default: auto
  deployment:
    description: Name of the Deployment.
    type: str
    default: mlflow
  service:
    description: Name of the Service that clients use. It is deleted with the Deployment where it is not ours.
    type: str
    default: mlflow
  claim:
    description: The claim that the database comes to.
    type: str
    default: mlflow-pvc
  database:
    description: Where the database lies in the pod of O(template).
    type: str
    default: /mlflow/mlflow.db
  template:
    description: A template of the pod that takes the copy in. It has the claim, and MLflow's image.
    type: str
  documents:
    description: What the action plugin makes of O(template). Not for playbooks.
    type: str
  destination:
    description: Where artifacts come to, as s3://bucket/prefix.
    type: str
    default: s3://training-results/mlflow-artifacts
  expected:
    description: The RV(report) of an adoption, whose runs O(state=proved) looks for.
    type: dict
  tracking_uri:
    description: Address of the server that has the runs now, for O(state=proved).
    type: str
    default: http://mlflow.monitoring.svc.cluster.local:5000
  timeout:
    description: Seconds that the pod may take to start, and the old one to go.
    type: int
    default: 300
  field_manager:
    description: The name under which the API server keeps which fields are applied from here.
    type: str
    default: mlops.tracking
extends_documentation_fragment:
  - mlops.tracking.cluster
  - mlops.tracking.storage
"""

EXAMPLES = r"""
- name: Adopt a server that somebody else made
  mlops.tracking.mlflow_adoption:
    template: adoption.yaml.j2
    endpoint: http://minio.storage.svc.cluster.local:9000
    credentials: {namespace: storage, name: minio-user-mlflow}
"""

RETURN = r"""
is_due:
  description: Whether there is a server to adopt, or was.
  returned: success
  type: bool
carries_artifacts:
  description: Whether artifacts come to the bucket, which must be there before.
  returned: success
  type: bool
replaced:
  description: The objects that are, or in check mode would be, deleted.
  returned: success
  type: list
  elements: str
report:
  description: What was adopted and proved.
  returned: when it was adopted
  type: dict
objects:
  description: What was, or in check mode would be, done to each thing.
  returned: success
  type: list
  elements: dict
  contains:
    ref: {description: The object., type: str, sample: "Deployment monitoring/mlflow"}
    action: {description: "V(changed), V(deleted) or V(unchanged).", type: str}
    changes: {description: Empty., type: list, elements: str}
    duration: {description: Seconds it took., type: float}
    tries: {description: Zero., type: int}
    readiness: {description: What was found or proved., type: str}
    error: {description: "Never there: a failure is the module's.", type: str, returned: never}
summary:
  description: The same in one line.
  returned: success
  type: str
error:
  description: What stands in the way, or failed, and the mend.
  returned: failure
  type: dict
"""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.adopt import Adoption, told
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.look import looking_at
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.obstacles import CHOICES, NEVER, Wish
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.read_back import read_back
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.replacing import Replacing
from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.backend import is_foreign
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import (
    CONNECTION_ARGUMENTS,
    Target,
)

ARGUMENTS: dict[str, dict[str, Any]] = {
    "namespace": {"type": "str", "default": "monitoring"},
    "state": {"type": "str", "choices": ["looked", "adopted", "proved"], "default": "adopted"},
    "adopt": {"type": "str", "choices": list(CHOICES), "default": "auto"},
    "deployment": {"type": "str", "default": "mlflow"},
    "service": {"type": "str", "default": "mlflow"},
    "claim": {"type": "str", "default": "mlflow-pvc"},
    "database": {"type": "str", "default": "/mlflow/mlflow.db"},
    "template": {"type": "str"},
    "documents": {"type": "str"},
    "destination": {"type": "str", "default": "s3://training-results/mlflow-artifacts"},
    "expected": {"type": "dict"},
    "tracking_uri": {"type": "str", "default": "http://mlflow.monitoring.svc.cluster.local:5000"},
    "timeout": {"type": "int", "default": 300},
    "field_manager": {"type": "str", "default": "mlops.tracking"},
    **CONNECTION_ARGUMENTS,
}


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Looks, and adopts what is there to be adopted."""
    if parameters["state"] == "proved":
        said = read_back(cluster, parameters["tracking_uri"], (parameters["expected"] or {}).get("runs", {}))
        row = Result(f"MLflow {parameters['tracking_uri']}", Action.UNCHANGED, readiness="equal")
        return Plan({}, {}, Outcome([row], said, _values()))
    namespace, name = parameters["namespace"], parameters["deployment"]
    live = cluster.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
    if live is None or not is_foreign(live, parameters["field_manager"]):
        return Plan({}, {}, Outcome([], "nothing is to be adopted", _values()))
    if parameters["adopt"] == NEVER:
        raise InvalidInput("mlflow_adopt", f"it is {NEVER}, and somebody else made Deployment {name}", "Set it to auto")
    with _adoption(parameters, cluster, mode) as adoption:
        adoption.need_none_in_the_way()
        replaced = adoption.replacing.references()
        values = _values(is_due=True, carries_artifacts=adoption.carries_artifacts, replaced=list(map(str, replaced)))
        found = adoption.sight.told
    where = f"claim {namespace}/{parameters['claim']}"
    rows = [Result(where, Action.CHANGED, readiness=found), *(Result(each, Action.DELETED) for each in replaced)]
    if parameters["state"] == "looked":
        return Plan({}, {}, Outcome(rows, f"found {found}", values))
    difference = {
        "before_header": f"{adoption.replacing.deployment}, made by somebody else",
        "after_header": where,
        "before": f"{found}\n",
        "after": "".join(
            f"{line}\n" for line in ["the same, compared by digests", *(f"{each}: deleted" for each in replaced)]
        ),
    }
    return Plan(
        None,
        None,
        Outcome(rows, f"to be adopted: {found}", values),
        lambda: _carried_out(parameters, cluster, mode, where, replaced, values),
        changed=True,
        differences=[difference],
    )


def _carried_out(
    parameters: Parameters,
    cluster: Cluster,
    mode: Mode,
    where: str,
    replaced: list[Reference],
    values: dict[str, Any],
) -> Outcome:
    began = time.monotonic()
    with _adoption(parameters, cluster, mode) as adoption:
        adoption.need_none_in_the_way()
        report = adoption.carry_out()
    rows = [
        Result(where, Action.CHANGED, seconds=time.monotonic() - began, readiness="equal"),
        *(Result(each, Action.DELETED) for each in replaced),
    ]
    return Outcome(rows, told(report), {**values, "report": report})


@contextlib.contextmanager
def _adoption(parameters: Parameters, cluster: Cluster, mode: Mode) -> Iterator[Adoption]:
    bucket, _, prefix = parameters["destination"].removeprefix("s3://").partition("/")
    with looking_at(cluster, parameters["namespace"], parameters["deployment"]) as sight:
        yield Adoption(
            cluster,
            sight,
            Wish(parameters["adopt"], parameters["destination"], parameters["endpoint"]),
            parameters["claim"],
            parameters["database"],
            parameters["documents"] or "[]",
            Target.from_parameters(parameters),
            Location(bucket, prefix),
            Replacing(cluster, sight.adoptee, parameters["service"], parameters["field_manager"], mode.progress),
            parameters["timeout"],
            mode.progress,
        )


def _values(
    *, is_due: bool = False, carries_artifacts: bool = False, replaced: list[str] | None = None
) -> dict[str, Any]:
    return {"is_due": is_due, "carries_artifacts": carries_artifacts, "replaced": replaced or []}


def main() -> None:
    """Runs the module."""
    run_module(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
