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
      - With O(state=absent) and O(inventory), O(templates) and O(definitions) may both be left out.
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
      - V(present) makes the objects so. V(absent) deletes them, save those that hold data (see O(also_delete)) or
        are to be kept (annotation C(tracking.mlops/keep), with the reason as its text).
      - V(ready) is for a set that an earlier call applied with O(wait=false) and O(prune=false), so that more could be
        done before it was waited for. It applies nothing, waits until the objects are ready, and then prunes.
    type: str
    choices: [present, ready, absent]
    default: present
  inventory:
    description:
      - A ConfigMap, as V(namespace/name), that remembers which objects the set has made, with their uids. Its namespace may
        be one of the set. One inventory is for one set, and each call with it describes the whole set.
      - With it, an object of the last run that is no longer described is deleted (pruned), once all others are applied and
        ready (with O(wait=false), once they are applied; see O(prune)). If anything fails before that, nothing is pruned.
      - Every object gets the annotation C(tracking.mlops/inventory), and only one whose annotation still names this inventory
        and that has the recorded uid is pruned. So what moved to another set, or was made anew by somebody, is left alone.
        A namespace that several sets describe stays with the inventory that had it first.
      - Kinds that hold data (see O(also_delete)) are not pruned, nor is an object with the annotation C(tracking.mlops/keep),
        whose text says why. They stay in the inventory and are returned as V(kept).
      - A set that describes nothing while its inventory holds something is refused.
      - O(state=absent) deletes what is described and what the inventory holds, then the inventory, unless something is kept.
        What O(field_manager) has never applied is somebody else's of the same name, and stays.
      - Two runs over one inventory at once end in an error for the second one, before it has written anything.
    type: str
  prune:
    description:
      - Whether to delete what the set no longer describes. With V(false) it stays in the inventory, is returned as V(kept),
        and the next call without V(false) deletes it.
    type: bool
    default: true
  also_delete:
    description:
      - Kinds that O(state=absent) and pruning delete too though data goes with them.
    type: list
    elements: str
    choices: [CustomResourceDefinition, Namespace, PersistentVolume, PersistentVolumeClaim]
    default: []
  field_manager:
    description: The name under which the API server keeps which fields are applied from here.
    type: str
    default: mlops.tracking
  force_conflicts:
    description:
      - Paths of fields to take over from another manager, as a conflict names them, such as V(spec.replicas) or
        V(spec.template.spec.containers[web]), with all that is below. V(*) stands for every field.
      - Any other field that another manager owns with another value is an error that names path, manager and time, and
        the entry to write here. Nothing is taken over while one such field is left.
    type: list
    elements: str
    default: []
  ignore:
    description:
      - Fields that are left to others. What is ignored is neither a change nor removed, also where it leaves the
        description. Where another manager holds the field too, our share is given up, which is one write.
      - An object or an item of a list that does not exist yet is made as described. Annotations of this collection are
        never ignored, nor are names. O(state=absent) deletes as ever.
      - Each rule speaks of the objects that its O(ignore[].kind), O(ignore[].namespace) and O(ignore[].name) match.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: Shell pattern of the kinds.
        type: str
        default: "*"
      namespace:
        description: Shell pattern of the namespaces.
        type: str
        default: "*"
      name:
        description: Shell pattern of the names.
        type: str
        default: "*"
      pointers:
        description:
          - JSON pointers (RFC 6901), such as V(/spec/replicas). A number counts the items of the manifest. Values of a
            Secret are below V(/data).
        type: list
        elements: str
        default: []
      expressions:
        description:
          - JMESPath expressions that select fields, such as V(spec.template.spec.containers[?name=='web'].image). Names,
            V([n]), V([*]), V([]), V([?filter]) and V(.*) may be used, nothing that computes a value.
        type: list
        elements: str
        default: []
      managers:
        description: Shell patterns of field managers; whatever such a manager holds is ignored.
        type: list
        elements: str
        default: []
  expected_gone:
    description:
      - Objects, as RV(objects) names them, that an earlier task of the play deletes. In check mode, in which it does not, they
        are predicted to be made anew. Otherwise this changes nothing.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Whether to wait until the objects are ready, or gone. With O(state=ready) they are waited for in any case.
      - An object that somebody is deleting is waited for in any case, at most a minute if this is V(false), and made anew.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 300
  readiness:
    description:
      - When objects are ready whose kind no rule is known for, such as custom resources, or that need another one.
      - Known are the kinds of Kubernetes itself. Of a Service, an endpoint is waited for when a workload of the same set
        is to answer behind it; of a webhook, an endpoint and its C(caBundle).
      - An object of another kind is ready when its condition C(Ready) is true and it is neither C(Reconciling) nor
        C(Stalled), as far as it has such conditions.
      - A rule for no object of the set does nothing.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: The kind the rule is for.
        type: str
        required: true
      name:
        description: The one object it is for; otherwise all of that kind.
        type: str
      expression:
        description:
          - JMESPath over the whole object; it is ready once this is V(true), such as V(status.phase == 'Ready').
          - A status that is known to be of an older spec (its C(observedGeneration)) does not count.
        type: str
        required: true
      failure:
        description: JMESPath that is V(true) when the object never will be ready; then nothing is waited for any longer.
        type: str
  parallelism:
    description: How many requests are under way at once.
    type: int
    default: 8
  shared_namespaces:
    description:
      - Namespaces in which others keep objects of their own. With O(drift), only described objects are looked at there,
        while in all others an object of a described kind that nobody described is a finding.
    type: list
    elements: str
    default: []
  strangers_except:
    description: Kinds that are not searched for objects nobody described, such as V(Secret) where they may not be listed.
    type: list
    elements: str
    default: []
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

- name: Keep a set, and delete what is taken out of it
  mlops.tracking.manifests:
    inventory: monitoring/tracking-inventory-exporter
    templates:
      - deployment.yaml.j2
      - service.yaml.j2

- name: Apply a set, do something else while it starts, then wait for it and delete what was taken out of it
  block:
    - mlops.tracking.manifests:
        inventory: monitoring/tracking-inventory-exporter
        templates:
          - deployment.yaml.j2
          - service.yaml.j2
        wait: false
        prune: false
    - mlops.tracking.minio_bucket:
        endpoint: http://minio.storage.svc.cluster.local:9000
        credentials:
          name: minio-root
          namespace: storage
        buckets:
          - name: exports
    - mlops.tracking.manifests:
        inventory: monitoring/tracking-inventory-exporter
        templates:
          - deployment.yaml.j2
          - service.yaml.j2
        state: ready

- name: Take the whole set away, whatever it holds
  mlops.tracking.manifests:
    inventory: monitoring/tracking-inventory-exporter
    state: absent

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

- name: Leave the replicas to the autoscaler, and the image to whoever rolls it out
  mlops.tracking.manifests:
    templates: [deployment.yaml.j2]
    ignore:
      - kind: Deployment
        pointers: [/spec/replicas]
        expressions: ["spec.template.spec.containers[?name=='web'].image"]

- name: Make a custom resource, and wait for what its controller makes of it
  mlops.tracking.manifests:
    definitions:
      - apiVersion: example.com/v1
        kind: Database
        metadata:
          name: runs
          namespace: example
        spec:
          size: 10Gi
    readiness:
      - kind: Database
        expression: status.phase == 'Ready' && status.replicas >= `1`
        failure: status.phase == 'Failed'

- name: Take the number of replicas over from whoever set it, and nothing else
  mlops.tracking.manifests:
    templates: [deployment.yaml.j2]
    force_conflicts: [spec.replicas]

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
        - One of V(created), V(changed), V(unchanged), V(deleted), V(absent) (nothing to delete), V(kept) (see C(reason)),
          V(failed), V(not tried) (an earlier stage failed).
      type: str
    changes:
      description: The paths that change, the highest ones only.
      type: list
      elements: str
      sample: ["spec.template.spec.containers[mlflow].image"]
    duration:
      description: Seconds the write took; 0 where nothing was written.
      type: float
    tries:
      description: How many times the write, or what failed, was tried; 0 where nothing was sent.
      type: int
    readiness:
      description: What is known of its readiness; empty where nothing was waited for, as in check mode.
      type: str
      sample: 1 of 1 replicas available
    reason:
      description: Why it is kept, made anew, or, in check mode with O(state=ready), not there yet.
      type: str
      returned: when it is
      sample: data goes with it; also_delete does not name PersistentVolumeClaim
    error:
      description: Why it failed, without secrets.
      type: str
      returned: when it failed
    findings:
      description: What differs from the description.
      returned: with O(drift) in check mode
      type: list
      elements: dict
      contains:
        state: {description: "V(changed), V(missing) or V(extra).", type: str}
        path: {description: "The field, empty for the whole object.", type: str, sample: "spec.template.spec.containers[mlflow].image"}
        pointer: {description: The same as a JSON pointer (RFC 6901)., type: str, sample: /spec/template/spec/containers/0/image}
        expected: {description: "What was described, without secrets.", type: raw}
        found: {description: "What was found, without secrets.", type: raw}
        manager: {description: "The field manager that holds what was found; a removal leaves no name.", type: str}
        time: {description: When that manager last wrote the object., type: str}
    unstable:
      description: Paths that a dry run right after the write would change again, so that every run would.
      type: list
      elements: str
      returned: when there are any
summary:
  description: The same in one line.
  returned: always, once the manifests are read
  type: str
  sample: "12 objects: 3 created, 9 unchanged"
error:
  description: What failed, by its C(what), C(where), C(why) and C(mend), with more that a program may want to read.
  returned: failure
  type: dict
  sample:
    what: Deployment monitoring/mlflow did not get ready
    where: ""
    why: not ready within 300 s
    mend: ""
"""

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import (
    SetOptions,
    plan_absent,
    plan_present,
    plan_ready,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Outcome
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.correct import plan_correction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.look import Scope, plan_look
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.rules import IGNORE_OPTIONS, rules_from
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.prune import HOLDS_DATA
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import (
    READINESS_OPTIONS,
    rules_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan

ARGUMENTS: dict[str, dict[str, Any]] = {
    "templates": {"type": "list", "elements": "str", "default": []},
    "definitions": {"type": "list", "elements": "dict", "default": []},
    "documents": {"type": "str", "no_log": True},
    "state": {"type": "str", "choices": ["present", "ready", "absent"], "default": "present"},
    "inventory": {"type": "str", "default": ""},
    "prune": {"type": "bool", "default": True},
    "also_delete": {"type": "list", "elements": "str", "choices": sorted(HOLDS_DATA), "default": []},
    "field_manager": {"type": "str", "default": "mlops.tracking"},
    "force_conflicts": {"type": "list", "elements": "str", "default": []},
    "ignore": {"type": "list", "elements": "dict", "default": [], "options": IGNORE_OPTIONS},
    "expected_gone": {"type": "list", "elements": "str", "default": []},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
    "readiness": {"type": "list", "elements": "dict", "default": [], "options": READINESS_OPTIONS},
    "parallelism": {"type": "int", "default": 8},
    "shared_namespaces": {"type": "list", "elements": "str", "default": []},
    "strangers_except": {"type": "list", "elements": "str", "default": []},
}
PLANS = {"present": plan_present, "ready": plan_ready, "absent": plan_absent}


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Reads the set, predicts every object, and leaves the writing to the base."""
    options = SetOptions(
        how=Applying(parameters["field_manager"], tuple(parameters["force_conflicts"])),
        threads=parameters["parallelism"],
        wait_seconds=parameters["wait_timeout"] if parameters["wait"] or parameters["state"] == "ready" else 0,
        check=mode.check,
        diff=mode.diff,
        progress=mode.progress,
        inventory=parameters["inventory"],
        also_delete=frozenset(parameters["also_delete"]),
        prune=parameters["prune"],
        expected_gone=frozenset(parameters["expected_gone"]),
        ignore=rules_from(parameters["ignore"]),
        readiness=rules_of(parameters["readiness"]),
    )
    documents = parameters["documents"] or "[]"
    if parameters["state"] == "present" and mode.only is not None:
        planned = plan_correction(cluster, documents, options, mode.only)
    elif parameters["state"] == "present" and mode.drift:
        scope = Scope(frozenset(parameters["shared_namespaces"]), frozenset(parameters["strangers_except"]))
        planned = plan_look(cluster, documents, options, scope)
    elif mode.drift or mode.only is not None:
        return Plan(None, None, Outcome(summary="To wait or to delete is no state: nothing to look at"))
    else:
        planned = PLANS[parameters["state"]](cluster, documents, options)
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
