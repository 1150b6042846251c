#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module minio_policy: what users of MinIO may do."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_policy
short_description: Keep policies on MinIO
version_added: 0.1.0
description:
  - Sets and removes MinIO's own policies, which users get by M(mlops.tracking.minio_user#module).
  - Policies are compared by what they mean. The order of actions, resources and statements, and whether a single
    string stands for a list of one, make no difference.
  - A policy that a user still has is not removed.
author: The mlops.tracking founders
extends_documentation_fragment:
  - mlops.tracking.cluster
  - mlops.tracking.storage
options:
  policies:
    description: The policies.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the policy.
        type: str
        required: true
      policy:
        description: The policy as IAM writes it. Needed unless O(policies[].state=absent).
        type: dict
      state:
        description: Whether the policy shall be there.
        type: str
        choices: [present, absent]
        default: present
"""

EXAMPLES = r"""
- name: Let readers read the bucket
  mlops.tracking.minio_policy:
    context: kind-tracking
    endpoint: http://minio.storage.svc.cluster.local:9000
    credentials:
      namespace: storage
      name: minio-root
      access_key: root-user
      secret_key: root-password
    policies:
      - name: read-training-results
        policy:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: s3:GetObject
              Resource: arn:aws:s3:::training-results/*
"""

RETURN = r"""
objects:
  description: What was, or in check mode would be, done to each policy. Also there when a write fails.
  returned: always, once the server has been read
  type: list
  elements: dict
  contains:
    ref: {description: "The policy.", type: str, sample: "Policy mlflow-artifacts"}
    action: {description: "One of V(created), V(changed), V(unchanged), V(deleted), V(absent) (nothing to delete), V(failed).", type: str}
    changes: {description: The paths that change., type: list, elements: str}
    duration: {description: Seconds the write took., type: float}
    tries: {description: How many times it was tried., type: int}
    readiness: {description: "Empty: what is written is there.", type: str}
    error: {description: "Why it failed, without secrets.", type: str, returned: when it failed}
summary:
  description: The same in one line.
  returned: always, once the server has been read
  type: str
  sample: "1 policy: 1 unchanged"
error:
  description: What failed, by its C(what), C(where), C(why) and C(mend), with more that a program may want to read.
  returned: failure
  type: dict
  sample:
    what: Variable policies cannot be used
    where: ""
    why: it names mlflow-artifacts more than once
    mend: Leave one of them
"""

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.storage.change import plan_change
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import (
    CONNECTION_ARGUMENTS,
    CONNECTION_RULES,
    Target,
)
from ansible_collections.mlops.tracking.plugins.module_utils.storage.policy import POLICY_ARGUMENTS, Policy


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Reads the policies and says what they would become."""
    wishes = [Policy.from_parameters(each) for each in parameters["policies"]]
    return plan_change(
        "policies",
        wishes,
        Target.from_parameters(parameters),
        cluster,
        check=mode.check,
        drift=mode.drift,
        only=mode.only,
    )


def main() -> None:
    """Runs the module."""
    policies = {"type": "list", "elements": "dict", "required": True, "options": POLICY_ARGUMENTS}
    run_module({**CONNECTION_ARGUMENTS, "policies": policies}, plan, **CONNECTION_RULES)


if __name__ == "__main__":
    main()
