"""Users on a real MinIO. Their Secrets come from a cluster, so reading those is tested with the cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest
from minio.error import S3Error

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import SecretReference
from ansible_collections.mlops.tracking.plugins.module_utils.plan import Plan
from ansible_collections.mlops.tracking.plugins.module_utils.storage import user as users
from ansible_collections.mlops.tracking.plugins.module_utils.storage.change import plan_change
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, KeysReference, Target
from ansible_collections.mlops.tracking.plugins.module_utils.storage.refusal import StorageError
from ansible_collections.mlops.tracking.plugins.module_utils.storage.user import User

SECRET = SecretReference("storage", "minio-user-test")
NOT_ASKED = Cluster(kubeconfig="/nonexistent")


@pytest.fixture
def access_key(bucket: str) -> str:
    return bucket.removeprefix("test-")


def wish(access_key: str, secret_key: str = "first-secret", *policies: str, wanted: bool = True) -> User:
    keys = Keys(access_key, secret_key, str(SECRET))
    return User(KeysReference(SECRET), keys, tuple(sorted(policies)), wanted)


def plan(server: Any, *wishes: User) -> Plan:
    return plan_change("users", wishes, Target(server.url, "us-east-1", server.root), NOT_ASKED, check=False)


def keep(server: Any, *wishes: User) -> list[str]:
    change = plan(server, *wishes)
    if change.before != change.after:
        change.carry_out()
    return [row.action.value for row in change.outcome.rows]


def can_sign_in(server: Any, access_key: str, secret_key: str) -> bool:
    try:
        with server.as_user(access_key, secret_key) as storage:
            storage.s3.list_buckets()
    except S3Error as error:
        return error.code not in ("SignatureDoesNotMatch", "InvalidAccessKeyId")
    return True


def test_adds_a_user_that_can_sign_in(server: Any, access_key: str) -> None:
    assert keep(server, wish(access_key, "first-secret", "readonly")) == ["created"]
    assert can_sign_in(server, access_key, "first-secret")


def test_does_not_write_when_nothing_changed(server: Any, access_key: str) -> None:
    keep(server, wish(access_key, "first-secret", "readonly", "diagnostics"))
    assert keep(server, wish(access_key, "first-secret", "diagnostics", "readonly")) == ["unchanged"]


def test_planning_writes_nothing(server: Any, access_key: str) -> None:
    plan(server, wish(access_key))
    assert access_key not in json.loads(server.storage.admin.user_list())


def test_another_secret_key_in_the_secret_is_set_again(server: Any, access_key: str) -> None:
    keep(server, wish(access_key, "first-secret", "readonly"))
    assert keep(server, wish(access_key, "second-secret", "readonly")) == ["changed"]
    assert can_sign_in(server, access_key, "second-secret")
    assert not can_sign_in(server, access_key, "first-secret")
    assert keep(server, wish(access_key, "second-secret", "readonly")) == ["unchanged"]


def test_a_secret_key_is_in_no_plan(server: Any, access_key: str) -> None:
    keep(server, wish(access_key, "first-secret"))
    assert "second-secret" not in str(plan(server, wish(access_key, "second-secret")))


def test_a_disabled_user_is_enabled_again(server: Any, access_key: str) -> None:
    keep(server, wish(access_key, "first-secret"))
    server.storage.admin.user_disable(access_key)
    change = plan(server, wish(access_key, "first-secret"))
    assert change.before[str(SECRET)]["status"] == "disabled"
    assert keep(server, wish(access_key, "first-secret")) == ["changed"]
    assert can_sign_in(server, access_key, "first-secret")


def test_gives_exactly_the_named_policies(server: Any, access_key: str) -> None:
    keep(server, wish(access_key, "first-secret", "readwrite", "readonly"))
    assert keep(server, wish(access_key, "first-secret", "readonly")) == ["changed"]
    assert json.loads(server.storage.admin.user_info(access_key))["policyName"] == "readonly"


def test_takes_all_policies_away(server: Any, access_key: str) -> None:
    keep(server, wish(access_key, "first-secret", "readwrite"))
    assert keep(server, wish(access_key, "first-secret")) == ["changed"]
    assert "policyName" not in json.loads(server.storage.admin.user_info(access_key))


def test_removes_a_user_once(server: Any, access_key: str) -> None:
    keep(server, wish(access_key))
    assert keep(server, wish(access_key, wanted=False)) == ["deleted"]
    assert keep(server, wish(access_key, wanted=False)) == ["absent"]
    assert not can_sign_in(server, access_key, "first-secret")


def test_a_policy_that_is_not_there_is_named(server: Any, access_key: str) -> None:
    with pytest.raises(StorageError, match="no-such-policy"):
        keep(server, wish(access_key, "first-secret", "no-such-policy"))


def test_a_user_whose_secret_is_not_made_yet_is_predicted_as_new(server: Any) -> None:
    change = plan(server, User(KeysReference(SECRET), None, ("readonly",)))
    assert change.before == {}
    assert change.after == {
        str(SECRET): {"status": "enabled", "policies": ["readonly"], "secret key": "as in the Secret"}
    }


@pytest.mark.parametrize(
    ("access_key", "secret_key"), [("ab", "long-enough"), ("someone", "short"), ("x" * 21, "long-enough")]
)
def test_keys_that_minio_would_refuse_are_refused_before(access_key: str, secret_key: str) -> None:
    with pytest.raises(InvalidInput, match="Secret storage/minio-user-test"):
        users._check_lengths(Keys(access_key, secret_key, str(SECRET)))
