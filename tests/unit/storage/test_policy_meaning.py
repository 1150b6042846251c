"""Policies that mean the same are the same."""

from __future__ import annotations

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.storage.policy import canonical


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


READ = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::a/*"]}
WRITE = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::a/*"]}


def test_the_order_of_actions_means_nothing() -> None:
    other = {**READ, "Action": ["s3:ListBucket", "s3:GetObject"]}
    assert canonical(policy(READ)) == canonical(policy(other))


def test_the_order_of_statements_means_nothing() -> None:
    assert canonical(policy(READ, WRITE)) == canonical(policy(WRITE, READ))


def test_a_string_means_a_list_of_one() -> None:
    short = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::a/*"}
    assert canonical(policy(WRITE)) == canonical({"Version": "2012-10-17", "Statement": short})


def test_an_empty_sid_means_none() -> None:
    assert canonical(policy(WRITE)) == canonical(policy({**WRITE, "Sid": ""}))


def test_conditions_are_compared_too() -> None:
    one = {**READ, "Condition": {"StringLike": {"s3:prefix": ["x", "x/*"]}}}
    same = {**READ, "Condition": {"StringLike": {"s3:prefix": ["x/*", "x"]}}}
    other = {**READ, "Condition": {"StringLike": {"s3:prefix": "y/*"}}}
    assert canonical(policy(one)) == canonical(policy(same))
    assert canonical(policy(one)) != canonical(policy(other))


def test_another_resource_is_another_policy() -> None:
    assert canonical(policy(READ)) != canonical(policy({**READ, "Resource": ["arn:aws:s3:::b/*"]}))
