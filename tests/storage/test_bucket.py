"""Module minio_bucket on a real MinIO."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest


def actions(result: dict[str, Any]) -> dict[str, str]:
    """What was done to each thing."""
    return {row["ref"]: row["action"] for row in result["objects"]}


def keep(run_module: Any, bucket: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
    result: dict[str, Any] = run_module("minio_bucket", check=check, buckets=[{"name": bucket, **options}])
    return result


def put(server: Any, bucket: str, key: str) -> None:
    server.storage.s3.put_object(bucket, key, io.BytesIO(b"data"), 4)


def test_creates_what_it_predicted(server: Any, run_module: Any, bucket: str) -> None:
    wish = {"versioning": True, "quota": "1Gi"}
    predicted = keep(run_module, bucket, check=True, **wish)
    assert not server.storage.s3.bucket_exists(bucket)
    made = keep(run_module, bucket, **wish)
    assert made["diff"] == predicted["diff"] == {"before": {}, "after": {bucket: {"versioning": "on", "quota": 2**30}}}
    assert actions(made) == {f"Bucket {bucket}": "created"}
    assert server.storage.s3.get_bucket_versioning(bucket).status == "Enabled"


def test_does_not_write_when_nothing_changed(run_module: Any, bucket: str) -> None:
    wish = {"versioning": True, "quota": "10M"}
    keep(run_module, bucket, **wish)
    again = keep(run_module, bucket, **wish)
    assert again["changed"] is False
    assert actions(again) == {f"Bucket {bucket}": "unchanged"}
    assert again["summary"] == "1 bucket: 1 unchanged"


def test_leaves_alone_what_nobody_asked_for(server: Any, run_module: Any, bucket: str) -> None:
    keep(run_module, bucket, versioning=True, quota="1Gi")
    assert keep(run_module, bucket)["changed"] is False
    assert server.storage.s3.get_bucket_versioning(bucket).status == "Enabled"


def test_suspends_versioning(server: Any, run_module: Any, bucket: str) -> None:
    keep(run_module, bucket, versioning=True)
    suspended = keep(run_module, bucket, versioning=False)
    assert suspended["diff"]["after"] == {bucket: {"versioning": "suspended"}}
    assert keep(run_module, bucket, versioning=False)["changed"] is False


def test_a_bucket_that_never_was_versioned_needs_no_suspending(run_module: Any, bucket: str) -> None:
    keep(run_module, bucket)
    assert keep(run_module, bucket, versioning=False)["changed"] is False


def test_raises_and_removes_a_quota(run_module: Any, bucket: str) -> None:
    keep(run_module, bucket, quota="1Gi")
    raised = keep(run_module, bucket, quota="2Gi")
    assert raised["diff"] == {"before": {bucket: {"quota": 2**30}}, "after": {bucket: {"quota": 2**31}}}
    assert keep(run_module, bucket, quota="0")["changed"] is True
    assert keep(run_module, bucket, quota="0")["changed"] is False


def test_deletes_an_empty_bucket(server: Any, run_module: Any, bucket: str) -> None:
    keep(run_module, bucket)
    assert actions(keep(run_module, bucket, state="absent")) == {f"Bucket {bucket}": "deleted"}
    assert keep(run_module, bucket, state="absent")["changed"] is False


@pytest.mark.parametrize("check", [True, False])
def test_never_deletes_a_bucket_with_objects(server: Any, run_module: Any, bucket: str, check: bool) -> None:
    keep(run_module, bucket)
    put(server, bucket, "precious")
    refused = keep(run_module, bucket, check=check, state="absent")
    assert refused["failed"]
    assert "it holds objects" in refused["msg"]


def test_never_deletes_a_bucket_with_versions_of_deleted_objects(server: Any, run_module: Any, bucket: str) -> None:
    keep(run_module, bucket, versioning=True)
    put(server, bucket, "precious")
    server.storage.s3.remove_object(bucket, "precious")
    assert "versions of deleted ones" in keep(run_module, bucket, state="absent")["msg"]


def test_an_existing_bucket_that_is_not_there_names_the_variables(run_module: Any, bucket: str) -> None:
    refused = keep(run_module, bucket, state="existing")
    assert refused["failed"]
    assert "minio_bucket" in refused["msg"]
    assert "minio_external_create_bucket" in refused["msg"]


def test_a_server_without_a_rule_for_uploads_names_the_variable(run_module: Any, bucket: str) -> None:
    refused = keep(run_module, bucket, abort_incomplete_uploads_days=7)
    assert "does not offer it" in refused["msg"]
    assert "minio_external_abort_incomplete_uploads_days" in refused["msg"]


@pytest.mark.parametrize("name", ["Training_Results", "ab", "10.0.0.1"])
def test_a_name_that_s3_refuses_names_the_variable(run_module: Any, name: str) -> None:
    refused = keep(run_module, name)
    assert refused["msg"].startswith("Variable minio_bucket cannot be used: ")
    assert repr(name) in refused["msg"]


def test_a_bucket_named_twice_is_refused(run_module: Any, bucket: str) -> None:
    refused = run_module("minio_bucket", buckets=[{"name": bucket}, {"name": bucket, "versioning": True}])
    assert "more than once" in refused["msg"]


def test_takes_away_what_lets_everybody_in(server: Any, run_module: Any, bucket: str) -> None:
    keep(run_module, bucket, private=True)
    statement = {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"]}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": [f"arn:aws:s3:::{bucket}/*"]}]}
    server.storage.s3.set_bucket_policy(bucket, json.dumps(policy))
    assert keep(run_module, bucket)["changed"] is False
    found = keep(run_module, bucket, private=True, check=True)
    assert found["objects"][0]["changes"] == ["access"]
    assert keep(run_module, bucket, private=True)["changed"] is True
    assert keep(run_module, bucket, private=True)["changed"] is False


def test_a_drift_check_tells_each_difference_with_both_values(server: Any, run_module: Any, bucket: str) -> None:
    keep(run_module, bucket, versioning=True, quota="1Gi")
    server.storage.admin.bucket_quota_set(bucket, 5)
    wish = {"name": bucket, "versioning": True, "quota": "1Gi"}
    [row] = run_module("minio_bucket", check=True, buckets=[wish], drift=True)["objects"]
    told = [(each["state"], each["path"], each["expected"], each["found"]) for each in row["findings"]]
    assert told == [("changed", "quota", 2**30, 5)]


def test_only_what_is_named_is_put_right(server: Any, run_module: Any, bucket: str) -> None:
    keep(run_module, bucket, versioning=True)
    keep(run_module, bucket, versioning=False)
    wish = [{"name": bucket, "versioning": True}]
    assert run_module("minio_bucket", buckets=wish, only=["Bucket another"])["changed"] is False
    assert run_module("minio_bucket", buckets=wish, only=[f"Bucket {bucket}"])["changed"] is True
