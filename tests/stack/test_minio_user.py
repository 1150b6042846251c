"""Module minio_user with Secrets of a real cluster and the running MinIO, through the tunnel."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from minio.error import S3Error

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import SecretReference
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, KeysReference, Target

ROOT = Path(__file__).parents[2]
ENDPOINT = "http://minio.storage.svc.cluster.local:9000"
ROOT_KEYS = {"namespace": "storage", "name": "minio-root", "access_key": "root-user", "secret_key": "root-password"}
SECRETS = "/api/v1/namespaces/storage/secrets"


def run_module(cluster: Cluster, user: dict[str, Any], *, check: bool = False, **more: Any) -> dict[str, Any]:
    parameters = {"endpoint": ENDPOINT, "credentials": ROOT_KEYS, "users": [user], **more}
    connection = {"kubeconfig": cluster.kubeconfig, "context": cluster.context}
    arguments = {**connection, **parameters, "_ansible_check_mode": check, "_ansible_diff": True}
    done = subprocess.run(
        [sys.executable, "-m", "ansible_collections.mlops.tracking.plugins.modules.minio_user"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip(), done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def put_secret(cluster: Cluster, name: str, secret_key: str) -> None:
    data = {"access-key": name, "secret-key": secret_key}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded}
    cluster.request(
        "PATCH",
        f"{SECRETS}/{name}",
        query={"fieldManager": "test", "force": "true"},
        body=body,
        content_type="application/apply-patch+yaml",
    )


def can_sign_in(cluster: Cluster, name: str, secret_key: str) -> bool:
    with Target(ENDPOINT, "us-east-1", Keys(name, secret_key, "a test")).connect(cluster) as storage:
        try:
            storage.s3.list_buckets()
        except S3Error as error:
            return error.code not in ("SignatureDoesNotMatch", "InvalidAccessKeyId")
    return True


@pytest.fixture
def name(cluster: Cluster) -> Iterator[str]:
    """A user and a Secret of this name, both gone at the end."""
    name = f"test-{secrets.token_hex(4)}"
    yield name
    run_module(cluster, {"namespace": "storage", "name": name, "state": "absent"})
    if cluster.get(f"{SECRETS}/{name}"):
        cluster.request("DELETE", f"{SECRETS}/{name}")


def test_a_user_follows_its_secret(cluster: Cluster, name: str) -> None:
    user = {"namespace": "storage", "name": name, "policies": ["tracking-training"]}
    put_secret(cluster, name, "the-first-secret")
    predicted = run_module(cluster, user, check=True)
    assert not can_sign_in(cluster, name, "the-first-secret")
    made = run_module(cluster, user)
    assert made["diff"] == predicted["diff"]
    assert can_sign_in(cluster, name, "the-first-secret")
    assert run_module(cluster, user)["changed"] is False

    put_secret(cluster, name, "the-second-secret")
    assert run_module(cluster, user)["changed"] is True
    assert can_sign_in(cluster, name, "the-second-secret")
    assert not can_sign_in(cluster, name, "the-first-secret")


def test_a_user_is_removed_and_its_secret_stays(cluster: Cluster, name: str) -> None:
    user = {"namespace": "storage", "name": name}
    put_secret(cluster, name, "the-first-secret")
    run_module(cluster, user)
    assert run_module(cluster, {**user, "state": "absent"})["objects"][0]["action"] == "deleted"
    assert not can_sign_in(cluster, name, "the-first-secret")
    assert cluster.get(f"{SECRETS}/{name}") is not None


def test_no_secret_is_shown(cluster: Cluster, name: str) -> None:
    put_secret(cluster, name, "the-first-secret")
    root = KeysReference(SecretReference("storage", "minio-root"), "root-user", "root-password").read(cluster)
    shown = json.dumps(run_module(cluster, {"namespace": "storage", "name": name}))
    assert "the-first-secret" not in shown
    assert root.secret_key not in shown


def test_a_missing_secret_is_named_and_only_predicted_in_check_mode(cluster: Cluster, name: str) -> None:
    user = {"namespace": "storage", "name": name, "policies": ["tracking-training"]}
    assert run_module(cluster, user, check=True)["objects"][0]["action"] == "created"
    refused = run_module(cluster, user)
    assert refused["failed"]
    assert f"Secret storage/{name} does not exist" in refused["msg"]


def test_a_server_that_is_not_there_yet_counts_as_empty_in_check_mode_only(cluster: Cluster, name: str) -> None:
    user = {"namespace": "storage", "name": name}
    put_secret(cluster, name, "the-first-secret")
    elsewhere = {"endpoint": "http://minio.nowhere.svc.cluster.local:9000"}
    predicted = run_module(cluster, user, check=True, **elsewhere)
    assert predicted["objects"][0]["action"] == "created"
    assert "Service nowhere/minio does not exist yet" in str(predicted["warnings"])
    assert "Service nowhere/minio" in run_module(cluster, user, **elsewhere)["msg"]
