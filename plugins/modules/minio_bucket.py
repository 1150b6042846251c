#!/usr/bin/python
# Apache-2.0 (see LICENSE)
"""Module minio_bucket: buckets on MinIO or any other S3 server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_bucket
short_description: Keep buckets on MinIO or any other S3 server
version_added: 0.1.0
description:
  - Creates buckets, and sets their versioning, their rule for incomplete uploads and their quota.
  - What is left out is neither read nor changed, so a server that lacks a feature can be used without it.
  - Deletes no data. A bucket that holds objects, or versions of deleted ones, is never deleted.
author: The mlops.tracking founders
extends_documentation_fragment:
  - mlops.tracking.cluster
  - mlops.tracking.storage
options:
  buckets:
    description: The buckets.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the bucket, by the rules of S3.
        type: str
        required: true
      state:
        description: V(existing) is V(present) that never creates, V(absent) deletes an empty bucket.
        type: str
        choices: [present, existing, absent]
        default: present
      versioning:
        description: Whether old and deleted versions of objects are kept. V(false) suspends it.
        type: bool
      prefix:
        description: Where the keys in use may list objects. Empty means the whole bucket.
        type: str
        default: ""
      abort_incomplete_uploads_days:
        description:
          - Days after which an upload that was begun and never ended is removed. V(0) removes the rule.
          - MinIO has no such rule. It does this for all buckets by its own setting C(MINIO_API_STALE_UPLOADS_EXPIRY).
        type: int
      quota:
        description: Largest size of the bucket, such as V(50Gi). V(0) removes the quota. Only MinIO has quotas.
        type: str
      private:
        description: Whether a bucket policy, which lets in who did not sign in, is removed. V(false) leaves one.
        type: bool
"""

EXAMPLES = r"""
- name: Keep the bucket of the training results
  mlops.tracking.minio_bucket:
    context: kind-tracking
    endpoint: http://minio.storage.svc.cluster.local:9000
    credentials:
      namespace: storage
      name: minio-root
      access_key: root-user
      secret_key: root-password
    buckets:
      - name: training-results
        versioning: true
        quota: 50Gi

- name: Check that a bucket on Cloudflare R2 is there, and have incomplete uploads removed
  mlops.tracking.minio_bucket:
    endpoint: https://0123456789abcdef.r2.cloudflarestorage.com
    region: auto
    access_key: "{{ vault_r2_access_key }}"
    secret_key: "{{ vault_r2_secret_key }}"
    buckets:
      - name: training-results
        state: existing
        abort_incomplete_uploads_days: 7
"""

RETURN = r"""
objects:
  description: What was, or in check mode would be, done to each bucket. Also there when a write fails.
  returned: always, once the server has been read
  type: list
  elements: dict
  contains:
    ref: {description: "The bucket.", type: str, sample: "Bucket training-results"}
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
  sample: "1 bucket: 1 unchanged"
error:
  description: What failed, by its C(what), C(where), C(why) and C(mend), with more that a program may want to read.
  returned: failure
  type: dict
  sample:
    what: Variable buckets cannot be used
    where: ""
    why: it names training-results more than once
    mend: Leave one of them
"""

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.module import Mode, Parameters, run_module
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.storage.bucket import BUCKET_ARGUMENTS, Bucket
from ansible_collections.mlops.tracking.plugins.module_utils.storage.change import plan_change
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import (
    CONNECTION_ARGUMENTS,
    CONNECTION_RULES,
    Target,
)


def plan(parameters: Parameters, cluster: Cluster, mode: Mode) -> Plan:
    """Reads the buckets and says what they would become."""
    wishes = [Bucket.from_parameters(each) for each in parameters["buckets"]]
    return plan_change(
        "buckets",
        wishes,
        Target.from_parameters(parameters),
        cluster,
        check=mode.check,
        drift=mode.drift,
        only=mode.only,
    )


def main() -> None:
    """Runs the module."""
    buckets = {"type": "list", "elements": "dict", "required": True, "options": BUCKET_ARGUMENTS}
    run_module({**CONNECTION_ARGUMENTS, "buckets": buckets}, plan, **CONNECTION_RULES)


if __name__ == "__main__":
    main()
