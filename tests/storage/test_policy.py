"""Module minio_policy on a real MinIO."""

from __future__ import annotations

import json
from typing import Any

import pytest

READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::results/*"}],
}
READ_AND_LIST = {
    "Version": "2012-10-17",
    "Statement": [
        *READ["Statement"],
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucketVersions", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::results"],
            "Condition": {"StringLike": {"s3:prefix": ["runs/*", "runs"]}},
        },
    ],
}


@pytest.fixture
def name(bucket: str) -> str:
    return f"policy-{bucket}"


def actions(result: dict[str, Any]) -> dict[str, str]:
    """What was done to each thing."""
    return {row["ref"]: row["action"] for row in result["objects"]}


def keep(run_module: Any, name: str, policy: Any = None, *, check: bool = False, **options: Any) -> dict[str, Any]:
    result: dict[str, Any] = run_module(
        "minio_policy", check=check, policies=[{"name": name, "policy": policy, **options}]
    )
    return result


@pytest.mark.parametrize("policy", [READ, READ_AND_LIST], ids=["strings", "conditions"])
def test_sets_what_it_predicted_and_then_changes_nothing(run_module: Any, name: str, policy: Any) -> None:
    predicted = keep(run_module, name, policy, check=True)
    made = keep(run_module, name, policy)
    assert actions(made) == actions(predicted) == {f"Policy {name}": "created"}
    assert made["diff"] == predicted["diff"]
    assert keep(run_module, name, policy)["changed"] is False


def test_writes_nothing_in_check_mode(server: Any, run_module: Any, name: str) -> None:
    keep(run_module, name, READ, check=True)
    assert name not in json.loads(server.storage.admin.policy_list())


def test_replaces_a_policy_that_means_something_else(run_module: Any, name: str) -> None:
    keep(run_module, name, READ_AND_LIST)
    narrowed = keep(run_module, name, READ)
    assert actions(narrowed) == {f"Policy {name}": "changed"}
    assert len(narrowed["diff"]["before"][name]["Statement"]) == 2
    assert len(narrowed["diff"]["after"][name]["Statement"]) == 1


def test_does_not_mind_how_the_same_policy_is_written(run_module: Any, name: str) -> None:
    keep(run_module, name, READ_AND_LIST)
    first, second = READ_AND_LIST["Statement"]
    turned = {**READ_AND_LIST, "Statement": [{**second, "Action": second["Action"][::-1]}, first]}
    assert keep(run_module, name, turned)["changed"] is False


def test_removes_a_policy_once(run_module: Any, name: str) -> None:
    keep(run_module, name, READ)
    assert actions(keep(run_module, name, state="absent")) == {f"Policy {name}": "deleted"}
    assert keep(run_module, name, state="absent")["changed"] is False


@pytest.mark.parametrize("check", [True, False])
def test_keeps_a_policy_that_a_user_still_has(server: Any, run_module: Any, name: str, check: bool) -> None:
    keep(run_module, name, READ)
    server.storage.admin.user_add("holder", "holder-secret")
    server.storage.admin.attach_policy([name], user="holder")
    refused = keep(run_module, name, state="absent", check=check)
    assert "holder still has it" in refused["msg"]


def test_a_policy_that_minio_refuses_is_named(run_module: Any, name: str) -> None:
    nonsense = {"Version": "2012-10-17", "Statement": [{**READ["Statement"][0], "Resource": "nowhere"}]}
    refused = keep(run_module, name, nonsense)
    assert refused["msg"].startswith(f"Policy {name} cannot be set")
    assert "nowhere" in refused["msg"]


def test_a_policy_without_statements_is_refused(run_module: Any, name: str) -> None:
    assert "has no Statement" in keep(run_module, name, {"Version": "2012-10-17"})["msg"]
