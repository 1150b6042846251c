"""What each user of the storage may do and may not, and who reaches it at all, on the running stack."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from minio.error import MinioAdminException, S3Error
from minio.versioningconfig import VersioningConfig
from probe_pod import can_connect

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import SecretReference
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import (
    Keys,
    KeysReference,
    Storage,
    Target,
)

ENDPOINT = "http://minio.storage.svc.cluster.local:9000"
BUCKET = "training-results"
INSIDE = "mlflow-artifacts/refusal-matrix"
OUTSIDE = "somewhere-else"
PART = 5 * 2**20
USERS = ("mlflow", "training")

Act = Callable[[Storage], Any]


@pytest.fixture(scope="module")
def root(cluster: Cluster) -> Iterator[Storage]:
    keys = KeysReference(SecretReference("storage", "minio-root"), "root-user", "root-password")
    with Target(ENDPOINT, "us-east-1", keys).connect(cluster) as storage:
        yield storage


@pytest.fixture(scope="module")
def users(cluster: Cluster, root: Storage) -> dict[str, Storage]:
    secret = {user: KeysReference(SecretReference("storage", f"minio-user-{user}")) for user in USERS}
    return {user: root.acting_as(secret[user].read(cluster)) for user in USERS}


@pytest.fixture(scope="module", autouse=True)
def objects(root: Storage) -> Iterator[None]:
    """An object inside the prefix and one outside, removed with all their versions at the end."""
    for place in (INSIDE, OUTSIDE):
        put(root, f"{place}/there", b"there")
    yield
    for place in (INSIDE, OUTSIDE):
        for found in root.s3.list_objects(BUCKET, prefix=f"{place}/", recursive=True, include_version=True):
            root.s3.remove_object(BUCKET, found.object_name, version_id=found.version_id)


def put(storage: Storage, key: str, data: bytes) -> None:
    storage.s3.put_object(BUCKET, key, io.BytesIO(data), len(data), part_size=PART)


def get(storage: Storage, key: str) -> bytes:
    response = storage.s3.get_object(BUCKET, key)
    try:
        return bytes(response.read())
    finally:
        response.close()
        response.release_conn()


def names(storage: Storage, prefix: str) -> list[str]:
    return [found.object_name for found in storage.s3.list_objects(BUCKET, prefix=prefix, recursive=True)]


def begin_and_abort(storage: Storage, key: str) -> None:
    upload = storage.s3._create_multipart_upload(BUCKET, key, {})
    storage.s3._upload_part(BUCKET, key, b"part", None, upload, 1)
    assert len(storage.s3._list_parts(BUCKET, key, upload).parts) == 1
    storage.s3._abort_multipart_upload(BUCKET, key, upload)


def delete_for_good(storage: Storage, root: Storage) -> None:
    version = root.s3.stat_object(BUCKET, f"{INSIDE}/there").version_id
    storage.s3.remove_object(BUCKET, f"{INSIDE}/there", version_id=version)


MAY: dict[str, Act] = {
    "write below the prefix": lambda as_user: put(as_user, f"{INSIDE}/small", b"small"),
    "write in parts": lambda as_user: put(as_user, f"{INSIDE}/large", secrets.token_bytes(PART + 1)),
    "abort a write in parts": lambda as_user: begin_and_abort(as_user, f"{INSIDE}/aborted"),
    "read below the prefix": lambda as_user: get(as_user, f"{INSIDE}/there"),
    "list below the prefix": lambda as_user: names(as_user, f"{INSIDE}/"),
}
MAY_NOT: dict[str, Act] = {
    "write outside the prefix": lambda as_user: put(as_user, f"{OUTSIDE}/new", b"new"),
    "write beside the prefix": lambda as_user: put(as_user, "mlflow-artifacts-2/new", b"new"),
    "read outside the prefix": lambda as_user: get(as_user, f"{OUTSIDE}/there"),
    "delete outside the prefix": lambda as_user: as_user.s3.remove_object(BUCKET, f"{OUTSIDE}/there"),
    "list outside the prefix": lambda as_user: names(as_user, f"{OUTSIDE}/"),
    "list the whole bucket": lambda as_user: names(as_user, ""),
    "create a bucket": lambda as_user: as_user.s3.make_bucket("made-by-a-user"),
    "delete the bucket": lambda as_user: as_user.s3.remove_bucket(BUCKET),
    "suspend versioning": lambda as_user: as_user.s3.set_bucket_versioning(BUCKET, VersioningConfig("Suspended")),
    "open the bucket to all": lambda as_user: as_user.s3.set_bucket_policy(
        BUCKET, json.dumps({"Version": "2012-10-17"})
    ),
    "read the bucket's policy": lambda as_user: as_user.s3.get_bucket_policy(BUCKET),
    "list users": lambda as_user: as_user.admin.user_list(),
    "add a user": lambda as_user: as_user.admin.user_add("made-by-a-user", "long-enough-secret"),
    "give itself a policy": lambda as_user: as_user.admin.policy_set("readwrite", user=as_user.keys.access_key),
    "read what the server is": lambda as_user: as_user.admin.info(),
}


def refused(act: Callable[[], Any]) -> bool:
    try:
        act()
    except S3Error as error:
        return error.code == "AccessDenied"
    except MinioAdminException as error:
        return '"AccessDenied"' in str(error)
    return False


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("deed", MAY)
def test_a_user_may(users: dict[str, Storage], user: str, deed: str) -> None:
    MAY[deed](users[user])


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("deed", MAY_NOT)
def test_a_user_may_not(users: dict[str, Storage], user: str, deed: str) -> None:
    assert refused(lambda: MAY_NOT[deed](users[user]))


def test_mlflow_deletes_and_the_bucket_keeps_the_version(users: dict[str, Storage], root: Storage) -> None:
    key = f"{INSIDE}/deleted"
    put(users["mlflow"], key, b"precious")
    users["mlflow"].s3.remove_object(BUCKET, key)
    assert key not in names(users["mlflow"], f"{INSIDE}/")
    versions = list(root.s3.list_objects(BUCKET, prefix=key, include_version=True))
    assert sorted(version.is_delete_marker for version in versions) == [False, True]


def test_training_jobs_delete_nothing(users: dict[str, Storage], root: Storage) -> None:
    assert refused(lambda: users["training"].s3.remove_object(BUCKET, f"{INSIDE}/there"))
    assert get(root, f"{INSIDE}/there") == b"there"


@pytest.mark.parametrize("user", USERS)
def test_nobody_but_root_deletes_for_good(users: dict[str, Storage], root: Storage, user: str) -> None:
    assert refused(lambda: delete_for_good(users[user], root))


def test_the_bucket_keeps_versions(root: Storage) -> None:
    assert root.s3.get_bucket_versioning(BUCKET).status == "Enabled"


def test_nobody_signs_in_by_the_well_known_keys(root: Storage) -> None:
    well_known = "minio" + "admin"
    with pytest.raises(S3Error, match="InvalidAccessKeyId"):
        root.acting_as(Keys(well_known, well_known, "a test")).s3.list_buckets()


HOSTS = {9000: "minio.storage.svc.cluster.local", 9001: "minio-console.storage.svc.cluster.local"}
# Namespace, labels, port, and whether such a pod gets through.
REACH: dict[str, tuple[str, dict[str, str], int, bool]] = {
    "a pod of another namespace": ("default", {}, 9000, False),
    "a pod beside MinIO": ("storage", {}, 9000, False),
    "a pod beside MLflow": ("monitoring", {}, 9000, False),
    "a pod that looks like MLflow elsewhere": ("default", {"app": "mlflow"}, 9000, False),
    "MLflow": ("monitoring", {"app": "mlflow"}, 9000, True),
    "a training Job": ("training", {}, 9000, True),
    "a training Job at the console": ("training", {}, 9001, False),
}


@pytest.fixture(scope="module")
def reached(cluster: Cluster) -> dict[str, bool]:
    def tried(who: str) -> bool:
        namespace, labels, port, _ = REACH[who]
        return can_connect(cluster, namespace, labels, HOSTS[port], port)

    with ThreadPoolExecutor(len(REACH)) as pool:
        return dict(zip(REACH, pool.map(tried, REACH), strict=True))


@pytest.mark.parametrize("who", REACH)
def test_only_who_needs_it_reaches_the_storage(reached: dict[str, bool], who: str) -> None:
    assert reached[who] is REACH[who][3]
