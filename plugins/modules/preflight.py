#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module preflight: finds all that cannot work before anything is changed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Find what cannot work before anything is changed
version_added: 0.1.0
description:
  - Looks at the variables of the given roles and at the cluster, and says all that stands in the way at once,
    each with its mend. Changes nothing.
  - What a role needs is said in its C(meta/argument_specs.yml) (types, choices) and C(meta/preflight.yml)
    (rules between variables, permissions, storage classes, NodePorts, images, external storage).
  - The options below C(roles) are filled from there; name them only to ask for more.
author: The mlops.tracking founders
extends_documentation_fragment:
  - mlops.tracking.cluster
options:
  roles:
    description: Roles of this collection whose variables and needs are looked at.
    type: list
    elements: str
    default: []
  findings:
    description: What is known to stand in the way already (the action plugin puts here what the variables tell).
    type: list
    elements: dict
    default: []
  permissions:
    description:
      - What the user of the context must be allowed to do.
      - "Keys: C(namespace) (empty: cluster-wide), C(resources) (C(secrets), C(deployments.apps)),
        C(verbs) (default get, create, patch)."
      - "Or C(copied): Secrets (namespace/name) that are copied, so that they are read."
      - "C(names): which objects they are, for who is to be given no more than these (role C(drift)); here all are meant."
    type: list
    elements: dict
    default: []
  backends:
    description:
      - The databases that are wanted for MLflow's metadata; one that would leave runs behind stands in the way.
      - "Keys: C(variable), C(backend), C(namespace), C(deployment), C(sqlite_claim), C(postgres_claim), C(replicas_variable),
        C(replicas), C(adopt), C(destination), C(endpoint), C(image)."
      - A server that somebody else made is looked at in its pod, as to whether it can be adopted.
    type: list
    elements: dict
    default: []
  storage_classes:
    description:
      - Storage classes that claims ask for.
      - "Keys: C(variable), C(name) (empty: the cluster's default), C(namespace) and C(claim) (one that exists needs no class),
        C(size_variable) and C(size) (a claim that exists never shrinks)."
    type: list
    elements: dict
    default: []
  node_ports:
    description: "NodePorts that Services will hold. Keys: C(variable), C(port), C(namespace), C(service)."
    type: list
    elements: dict
    default: []
  images:
    description:
      - Images and the Python packages they must hold. A short-lived pod looks, unless the named Deployment runs the image already.
      - "Keys: C(variable), C(image), C(python) (import names), C(namespace), C(deployment), C(look_in) (namespace of the pod,
        default C(default))."
      - Not looked at in check mode, as a pod would have to be made.
    type: list
    elements: dict
    default: []
  secrets:
    description: "Secrets that must not be lost while their data is there. Keys: C(claim), C(secret) (namespace/name), C(variable)."
    type: list
    elements: dict
    default: []
  buckets:
    description: "Bucket names that S3 must take. Keys: C(variable), C(name)."
    type: list
    elements: dict
    default: []
  s3:
    description: S3 servers that must accept given credentials.
    type: list
    elements: dict
    default: []
    suboptions:
      variable: {description: Variable that gives the credentials., type: str, required: true}
      bucket: {description: Bucket to look at., type: str, required: true}
      prefix: {description: Where these credentials may list objects., type: str, default: ""}
      must_exist: {description: Whether a missing bucket stands in the way., type: bool, default: false}
      endpoint: {description: Address of the server., type: str, required: true}
      region: {description: Region of the server., type: str, default: us-east-1}
      access_key: {description: Access key., type: str}
      secret_key: {description: Secret key. It is never shown., type: str}
      credentials:
        description: A Secret that holds both keys.
        type: dict
        suboptions:
          namespace: {description: Namespace of the Secret., type: str, required: true}
          name: {description: Name of the Secret., type: str, required: true}
          access_key: {description: Key under which the access key is., type: str, default: access-key}
          secret_key: {description: Key under which the secret key is., type: str, default: secret-key}
  image_timeout:
    description: Seconds that an image may take to be pulled and looked at.
    type: int
    default: 600
attributes:
  check_mode: {support: full, description: Changes nothing in any mode.}
  diff_mode: {support: none, description: There is nothing to compare.}
"""

EXAMPLES = r"""
- name: Find what cannot work
  mlops.tracking.preflight:
    context: kind-tracking
    roles: [minio, persistence, mlflow, training]

- name: Find out whether a port is free
  mlops.tracking.preflight:
    context: kind-tracking
    node_ports:
      - {variable: my_port, port: 30500, namespace: monitoring, service: mlflow}
"""

RETURN = r"""
findings:
  description: What stands in the way. Empty where the module succeeds.
  returned: always
  type: list
  elements: dict
  contains:
    subject: {description: The variable or the part of the cluster., type: str}
    why: {description: Why it cannot work., type: str}
    mend: {description: What to do., type: str}
not_looked_at:
  description: What could not be looked at in this mode, in words.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import CLUSTER_ARGUMENTS
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.module import fail_by_fault
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.looks import look
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import CONNECTION_ARGUMENTS

LIST = {"type": "list", "elements": "dict", "default": []}
LISTS = ("findings", "permissions", "backends", "storage_classes", "node_ports", "images", "buckets")
S3_ARGUMENTS = {
    "variable": {"type": "str", "required": True},
    "bucket": {"type": "str", "required": True},
    "prefix": {"type": "str", "default": ""},
    "must_exist": {"type": "bool", "default": False},
    **CONNECTION_ARGUMENTS,
}


def main() -> None:
    """Looks, and fails with everything that was found."""
    module = AnsibleModule(
        argument_spec={
            **CLUSTER_ARGUMENTS,
            "roles": {"type": "list", "elements": "str", "default": []},
            **dict.fromkeys(LISTS, LIST),
            "secrets": {**LIST, "no_log": False},
            "s3": {**LIST, "options": S3_ARGUMENTS},
            "image_timeout": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    try:
        seen = look(module.params, check_mode=bool(module.check_mode))
    except Exception as fault:
        fail_by_fault(module, fault, Mask())
        return
    if seen.findings:
        module.fail_json(msg=seen.report(), findings=seen.as_result(), not_looked_at=seen.not_looked_at)
    module.exit_json(changed=False, findings=[], not_looked_at=seen.not_looked_at, summary=seen.summary())


if __name__ == "__main__":
    main()
