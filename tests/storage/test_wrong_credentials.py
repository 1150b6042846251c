"""What a person reads whose keys or address of a storage server are wrong, in one sentence without the keys."""

from __future__ import annotations

from typing import Any

WRONG, RIGHT = "not-a-secret", "powerless-secret"
BUCKETS = [{"name": "training-results"}]


def test_an_unknown_access_key_says_so(run_module: Any) -> None:
    refused = run_module("minio_bucket", access_key="nobody", secret_key=WRONG, buckets=BUCKETS)
    assert "does not know the access key 'nobody' from the options access_key and secret_key" in refused["msg"]
    assert WRONG not in str(refused)


def test_a_wrong_secret_key_says_so(server: Any, run_module: Any) -> None:
    refused = run_module("minio_bucket", secret_key=WRONG, buckets=BUCKETS)
    assert f"is not the one of access key {server.root.access_key!r}" in refused["msg"]
    assert WRONG not in str(refused)


def test_a_wrong_secret_key_is_told_from_admin_calls_too(run_module: Any) -> None:
    policies = [{"name": "any", "state": "absent"}]
    refused = run_module("minio_policy", secret_key=WRONG, policies=policies)
    assert "is not the one of access key" in refused["msg"]


def test_keys_that_may_not_do_it_say_so(server: Any, run_module: Any, bucket: str) -> None:
    server.storage.admin.user_add("powerless", RIGHT)
    refused = run_module("minio_bucket", access_key="powerless", secret_key=RIGHT, buckets=[{"name": bucket}])
    assert "access key 'powerless' from the options access_key and secret_key is not allowed to" in refused["msg"]
    assert RIGHT not in str(refused)


def test_a_server_that_does_not_answer_names_the_variable(run_module: Any) -> None:
    refused = run_module("minio_bucket", endpoint="http://127.0.0.1:9", buckets=BUCKETS)
    assert "no S3 server answers there: " in refused["msg"]
    assert "minio_endpoint_url" in refused["msg"]


def test_a_wrong_region_names_the_variable(server_of_another_region: Any, run_module: Any) -> None:
    there = server_of_another_region
    keys = {"access_key": there.root.access_key, "secret_key": there.root.secret_key}
    refused = run_module("minio_bucket", endpoint=there.url, **keys, buckets=BUCKETS)
    assert "Set variable minio_region, which is us-east-1" in refused["msg"]
    assert "eu-west-1" in refused["msg"]
    assert run_module("minio_bucket", endpoint=there.url, region="eu-west-1", **keys, buckets=BUCKETS)["changed"]


def test_a_server_that_is_no_storage_server_names_the_variable(web_page: str, run_module: Any) -> None:
    refused = run_module("minio_bucket", endpoint=web_page, buckets=BUCKETS)
    assert "Check that variable minio_endpoint_url is the address of an S3 server" in refused["msg"]
    assert "<html" not in refused["msg"]


def test_tls_where_the_server_has_none_is_told(server: Any, run_module: Any) -> None:
    refused = run_module("minio_bucket", endpoint=server.url.replace("http:", "https:"), buckets=BUCKETS)
    assert "no S3 server answers there: TLS with it fails" in refused["msg"]


def test_keys_must_come_from_somewhere(run_module: Any) -> None:
    refused = run_module("minio_bucket", access_key=None, secret_key=None, buckets=BUCKETS)
    assert "no keys are given" in refused["msg"]
