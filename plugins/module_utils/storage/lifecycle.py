"""The lifecycle rule of a bucket that aborts uploads which were begun and never ended; other rules are kept.

MinIO has no such rule (it refuses it as InvalidArgument): there the server's own setting
MINIO_API_STALE_UPLOADS_EXPIRY does the same for all buckets, as role minio sets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minio import Minio
    from minio.lifecycleconfig import Rule

RULE = "abort-incomplete-uploads"
NOT_OFFERED = ("InvalidArgument", "MalformedXML", "InvalidRequest")


def abort_days(s3: Minio, bucket: str) -> int:
    """Days after which this collection's rule aborts an upload, 0 without the rule."""
    for rule in _rules(s3, bucket):
        if _is_ours(rule) and rule.abort_incomplete_multipart_upload:
            return int(rule.abort_incomplete_multipart_upload.days_after_initiation or 0)
    return 0


def set_abort_days(s3: Minio, bucket: str, days: int) -> None:
    """Puts the rule there, or takes it away (0)."""
    from minio.commonconfig import ENABLED, Filter
    from minio.lifecycleconfig import AbortIncompleteMultipartUpload, LifecycleConfig, Rule

    rules = [rule for rule in _rules(s3, bucket) if not _is_ours(rule)]
    if days:
        action = AbortIncompleteMultipartUpload(days)
        whole_bucket = Filter(prefix="")
        rules.append(Rule(ENABLED, rule_filter=whole_bucket, rule_id=RULE, abort_incomplete_multipart_upload=action))
    if rules:
        s3.set_bucket_lifecycle(bucket, LifecycleConfig(rules))
    else:
        s3.delete_bucket_lifecycle(bucket)


def _rules(s3: Minio, bucket: str) -> list[Rule]:
    configuration = s3.get_bucket_lifecycle(bucket)
    return list(configuration.rules) if configuration else []


def _is_ours(rule: Rule) -> bool:
    return rule.rule_id == RULE
