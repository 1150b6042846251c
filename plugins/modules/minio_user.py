#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module minio_user: users of MinIO whose keys lie in Secrets."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_user
short_description: Keep users on MinIO whose keys lie in Secrets
version_added: 0.1.0
description:
  - Adds users with the access key and the secret key that lie in a Secret of the cluster, and gives them exactly the
    named policies. Secret keys are read by the module itself and never are Ansible variables.
  - Tries the keys on the server each time. Where they do not work, because the Secret or the server's user was
    changed, the user is set again to what the Secret holds, and that is a change.
author: The mlops.tracking founders
extends_documentation_fragment:
  - mlops.tracking.cluster
  - mlops.tracking.storage
options:
  users:
    description: The users, each named by the Secret that holds its keys.
    type: list
    elements: dict
    required: true
    suboptions:
      namespace:
        description: Namespace of the Secret.
        type: str
        required: true
      name:
        description: Name of the Secret.
        type: str
        required: true
      access_key:
        description: Key in the Secret under which the access key is (3 to 20 characters).
        type: str
        default: access-key
      secret_key:
        description: Key in the Secret under which the secret key is (8 to 40 characters).
        type: str
        default: secret-key
      policies:
        description: Names of all policies the user has. Others are taken away.
        type: list
        elements: str
        default: []
      state:
        description: Whether the user shall be there. The Secret is left alone in either case.
        type: str
        choices: [present, absent]
        default: present
"""

EXAMPLES = r"""
- name: Keep the user of MLflow
  mlops.tracking.minio_user:
    context: kind-tracking
    endpoint: http://minio.storage.svc.cluster.local:9000
    credentials:
      namespace: storage
      name: minio-root
      access_key: root-user
      secret_key: root-password
    users:
      - namespace: storage
        name: minio-user-mlflow
        policies: [mlflow-artifacts-mlflow]
"""

RETURN = r"""
objects:
  description: What was, or in check mode would be, done to each user. Also there when a write fails.
  returned: always, once the server has been read
  type: list
  elements: dict
  contains:
    ref: {description: "The user, named by its Secret.", type: str, sample: "User storage/minio-user-mlflow"}
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
  sample: "1 user: 1 unchanged"
error:
  description: What failed, by its C(what), C(where), C(why) and C(mend), with more that a program may want to read.
  returned: failure
  type: dict
  sample:
    what: Variable users cannot be used
    where: ""
    why: it names storage/minio-user-mlflow more than once
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
from ansible_collections.mlops.tracking.plugins.module_utils.storage.user import USER_ARGUMENTS, User


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Reads the users, tries their keys and says what they would become."""
    wishes = [User.from_parameters(each, cluster, check=mode.check) for each in parameters["users"]]
    if mode.drift:  # without its Secret nobody can say which user is meant; that it is missing is a finding of its own
        wishes = [wish for wish in wishes if wish.keys is not None]
    return plan_change(
        "users", wishes, Target.from_parameters(parameters), cluster, check=mode.check, drift=mode.drift, only=mode.only
    )


def main() -> None:
    """Runs the module."""
    users = {"type": "list", "elements": "dict", "required": True, "options": USER_ARGUMENTS}
    run_module({**CONNECTION_ARGUMENTS, "users": users}, plan, **CONNECTION_RULES)


if __name__ == "__main__":
    main()
