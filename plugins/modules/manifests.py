#!/usr/bin/python
"""Module manifests: a whole set of Kubernetes objects made so, or gone, in one call."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

DOCUMENTATION = r"""
module: manifests
short_description: Make a set of Kubernetes objects so
version_added: 0.1.0
description:
  - Brings a whole set of objects to the state their manifests describe, in one call, in parallel, by server-side apply.
  - Namespaces and CustomResourceDefinitions go first and are waited for, then configuration, storage and services, then
    workloads, then webhooks. Deletion goes the other way round.
  - What is already so is left alone, and nothing is written for it. Whether it is so is told from what lies on the
    cluster and, only where that is not sure, from a dry run by the API server.
  - Objects the API server would refuse, and fields that belong to another manager, are found before anything is written.
  - Waits until workloads are ready, and fails as soon as one cannot be, with the cause, such as the image that cannot be
    pulled or the last lines of a crashing container's log.
  - A Secret's annotation C(tracking.mlops/generate) (such as V(root-password=40)) makes random values once, on the
    cluster; C(tracking.mlops/copy) (such as V(storage/minio-root)) copies the data of another Secret, which may be in the
    same set. So no template needs to hold a secret. C(tracking.mlops/generate-unless) (such as
    V(PersistentVolumeClaim/minio-data)) refuses to make lost values anew while that object of the same set is there.
  - A pod template's annotation C(tracking.mlops/restart-with) (such as V(minio-root)) names Secrets of the same set; its
    pods start anew when their values change.
  - Secrets are never shown. A ConfigMap's annotation C(tracking.mlops/secret-keys) names keys that are to be hidden as well.
options:
  templates:
    description:
      - Templates of manifests in YAML, rendered on the controller and looked for as M(ansible.builtin.template) does.
      - A template may hold several documents; one that renders to nothing is left out.
    type: list
    elements: str
    default: []
  definitions:
    description: More objects, as mappings.
    type: list
    elements: dict
    default: []
  documents:
    description: What the action plugin makes of O(templates) and O(definitions). Not for playbooks.
    type: str
  state:
    description:
      - V(present) makes the objects so. V(absent) deletes them, save those that hold data (see O(also_delete)).
    type: str
    choices: [present, absent]
    default: present
  also_delete:
    description:
      - Kinds that O(state=absent) deletes too though data goes with them.
    type: list
    elements: str
    choices: [CustomResourceDefinition, Namespace, PersistentVolume, PersistentVolumeClaim]
    default: []
  field_manager:
    description: The name under which the API server keeps which fields are applied from here.
    type: str
    default: mlops.tracking
  force_conflicts:
    description: Whether to take over fields that another manager owns. Otherwise such a field is an error.
    type: bool
    default: false
  wait:
    description: Whether to wait until the objects are ready, or gone.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 300
  parallelism:
    description: How many requests are under way at once.
    type: int
    default: 8
extends_documentation_fragment:
  - mlops.tracking.cluster
author:
  - The mlops.tracking founders
"""

EXAMPLES = r"""
- name: Deploy everything a role has templates for
  mlops.tracking.manifests:
    context: kind-tracking
    templates:
      - service.yaml.j2
      - deployment.yaml.j2

- name: Make a namespace and a Secret whose password is made on the cluster
  mlops.tracking.manifests:
    definitions:
      - apiVersion: v1
        kind: Namespace
        metadata:
          name: example
      - apiVersion: v1
        kind: Secret
        metadata:
          name: database
          namespace: example
          annotations:
            tracking.mlops/generate: password=40

- name: Remove it again
  mlops.tracking.manifests:
    state: absent
    also_delete: [Namespace]
    definitions:
      - apiVersion: v1
        kind: Namespace
        metadata:
          name: example
"""

RETURN = r"""
objects:
  description: What was, or in check mode would be, done to each object. Also there when the module fails.
  returned: always, once the manifests are read
  type: list
  elements: dict
  contains:
    ref:
      description: Kind, namespace and name.
      type: str
      sample: Deployment monitoring/mlflow
    action:
      description:
        - One of V(created), V(changed), V(unchanged), V(deleted), V(absent) (nothing to delete), V(kept) (holds data),
          V(failed), V(not tried) (an earlier stage failed).
      type: str
    changes:
      description: The paths that change, the highest ones only.
      type: list
      elements: str
      sample: ["spec.template.spec.containers[mlflow].image"]
    duration:
      description: Seconds the write took.
      type: float
    tries:
      description: How many requests the write took.
      type: int
    readiness:
      description: What is known of its readiness.
      type: str
      sample: 1 of 1 replicas available
    error:
      description: Why it failed, without secrets.
      type: str
      returned: when it failed
summary:
  description: The same in one line.
  returned: always, once the manifests are read
  type: str
  sample: "12 objects: 3 created, 9 unchanged"
"""

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.delete import HOLDS_DATA
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.manifest_set import (
    SetOptions,
    plan_absent,
    plan_present,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, Plan, run_module

ARGUMENTS: dict[str, dict[str, Any]] = {
    "templates": {"type": "list", "elements": "str", "default": []},
    "definitions": {"type": "list", "elements": "dict", "default": []},
    "documents": {"type": "str", "no_log": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "also_delete": {"type": "list", "elements": "str", "choices": sorted(HOLDS_DATA), "default": []},
    "field_manager": {"type": "str", "default": "mlops.tracking"},
    "force_conflicts": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
    "parallelism": {"type": "int", "default": 8},
}


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Reads the set, predicts every object, and leaves the writing to the base."""
    options = SetOptions(
        how=Applying(parameters["field_manager"], parameters["force_conflicts"]),
        threads=parameters["parallelism"],
        wait_seconds=parameters["wait_timeout"] if parameters["wait"] else 0,
        check=mode.check,
        diff=mode.diff,
    )
    documents = parameters["documents"] or "[]"
    if parameters["state"] == "absent":
        planned = plan_absent(cluster, documents, options, frozenset(parameters["also_delete"]))
    else:
        planned = plan_present(cluster, documents, options)
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
