"""Role minio in mode external, against a second S3 server in the cluster that no role made."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playbook import Run, run_playbook

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    find_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, Storage, Target

PLAY = str(Path(__file__).parent / "external_storage.yml")
SERVER, OURS = "external-s3", "storage-external"
ENDPOINT = f"http://s3.{SERVER}.svc.cluster.local:9000"
OWNER = Keys("owner", secrets.token_hex(16), "a test")
USERS = {user: Keys(f"given-{user}", secrets.token_hex(16), "a test") for user in ("mlflow", "training")}
BUCKET, PREFIX = "given-bucket", "mlflow-artifacts"
START_SECONDS = 90


@pytest.fixture(scope="module")
def server(cluster: Cluster) -> Iterator[Storage]:
    """A MinIO that belongs to somebody else, with two users confined to a prefix, and no bucket yet."""
    try:
        for path, body in server_objects(cluster):
            cluster.request("POST", path, body=body)
        wait_until_ready(cluster)
        with Target(ENDPOINT, "us-east-1", OWNER).connect(cluster) as storage:
            for name, keys in USERS.items():
                storage.admin.policy_add(name, policy=confined(["s3:GetObject", "s3:PutObject"]))
                storage.admin.user_add(keys.access_key, keys.secret_key)
                storage.admin.policy_set(name, user=keys.access_key)
            yield storage
    finally:
        for namespace in (SERVER, OURS):
            remove(cluster, namespace)


def server_objects(cluster: Cluster) -> list[tuple[str, dict[str, Any]]]:
    ours = cluster.request("GET", "/apis/apps/v1/namespaces/storage/statefulsets/minio")
    container = {
        "name": "s3",
        "image": ours["spec"]["template"]["spec"]["containers"][0]["image"],
        "imagePullPolicy": "IfNotPresent",
        "command": ["minio", "server", "/tmp/data"],
        "env": [
            {"name": "MINIO_ROOT_USER", "value": OWNER.access_key},
            {"name": "MINIO_ROOT_PASSWORD", "value": OWNER.secret_key},
        ],
        "readinessProbe": {"httpGet": {"path": "/minio/health/ready", "port": 9000}, "periodSeconds": 1},
    }
    pod = {"enableServiceLinks": False, "containers": [container]}
    service = {"selector": {"app": "s3"}, "ports": [{"port": 9000}]}
    training = {"access-key": USERS["training"].access_key, "secret-key": USERS["training"].secret_key}
    inside = f"/api/v1/namespaces/{SERVER}"
    return [
        ("/api/v1/namespaces", {"metadata": {"name": SERVER}}),
        (f"{inside}/pods", {"metadata": {"name": "s3", "labels": {"app": "s3"}}, "spec": pod}),
        (f"{inside}/services", {"metadata": {"name": "s3"}, "spec": service}),
        (f"{inside}/secrets", {"metadata": {"name": "for-training"}, "stringData": training}),
    ]


def wait_until_ready(cluster: Cluster) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        status = cluster.request("GET", f"/api/v1/namespaces/{SERVER}/pods/s3")["status"]
        if any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", [])):
            return
        assert time.monotonic() < deadline, status
        time.sleep(0.3)


def remove(cluster: Cluster, namespace: str) -> None:
    try:
        cluster.request("DELETE", f"/api/v1/namespaces/{namespace}")
    except ApiError as error:
        if error.status != 404:
            raise


def confined(actions: list[str]) -> dict[str, Any]:
    bucket = f"arn:aws:s3:::{BUCKET}"
    below = {"StringLike": {"s3:prefix": [PREFIX, f"{PREFIX}/*"]}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [bucket], "Condition": below},
            {"Effect": "Allow", "Action": actions, "Resource": [f"{bucket}/{PREFIX}/*"]},
        ],
    }


def use(*arguments: str, **changed: Any) -> Run:
    """Runs the role with all that a person would set, but for what is `changed`."""
    variables = {
        "minio_mode": "external",
        "minio_namespace": OURS,
        "minio_endpoint_url": ENDPOINT,
        "minio_bucket": BUCKET,
        "minio_external_mlflow_access_key": USERS["mlflow"].access_key,
        "minio_external_mlflow_secret_key": USERS["mlflow"].secret_key,
        "minio_external_training_secret": f"{SERVER}/for-training",
        **changed,
    }
    return run_playbook("-e", json.dumps(variables), *arguments, name=PLAY)


def refused(run: Run, *words: str) -> bool:
    lines = [line for line in run.output.splitlines() if all(word in line for word in words)]
    return run.status != 0 and run.recap("changed") == 0 and bool(lines)


def test_a_missing_bucket_is_told_before_any_change(server: Storage) -> None:
    assert refused(use(), "Variable minio_bucket", f"{BUCKET} does not exist", "minio_external_create_bucket")


def test_wrong_keys_are_told_by_their_variables_before_any_change(server: Storage, cluster: Cluster) -> None:
    run = use(minio_external_mlflow_secret_key="not-the-right-one", minio_external_training_secret=f"{SERVER}/none")
    assert refused(run, "Variable minio_external_mlflow_access_key", "is not the one of access key 'given-mlflow'")
    assert refused(run, "Variable minio_external_training_secret", f"{SERVER}/none does not exist")
    assert "not-the-right-one" not in run.output
    assert cluster.get(f"/api/v1/namespaces/{OURS}") is None


def test_an_address_without_a_server_is_told_before_any_change(server: Storage) -> None:
    run = use(minio_endpoint_url="http://127.0.0.1:9")
    assert refused(run, "no S3 server answers there", "minio_endpoint_url")


def test_what_was_given_is_kept_as_secrets_and_nothing_else_is_made(server: Storage, cluster: Cluster) -> None:
    if not server.s3.bucket_exists(BUCKET):
        server.s3.make_bucket(BUCKET)
    predicted = use("--check")
    assert predicted.status == 0, predicted.output
    run = use("-vvv", "--diff")
    assert run.status == 0, run.output
    assert predicted.recap("changed") == run.recap("changed") == 1
    for user, keys in USERS.items():
        kept = find_secret(cluster, SecretReference(OURS, f"minio-user-{user}"))
        assert kept == {"access-key": keys.access_key, "secret-key": keys.secret_key}
        assert keys.secret_key not in run.output
    assert cluster.request("GET", f"/apis/apps/v1/namespaces/{OURS}/statefulsets")["items"] == []
    assert use().recap("changed") == 0


def test_a_permission_that_is_missing_names_the_variable_that_needs_it(server: Storage) -> None:
    if not server.s3.bucket_exists(BUCKET):
        server.s3.make_bucket(BUCKET)
    run = use(minio_external_bucket_versioning=True)
    assert run.status != 0
    assert "minio_external_bucket_versioning" in run.output
    assert server.s3.get_bucket_versioning(BUCKET).status is None
