"""Which bucket names are taken, by the rules of S3."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.storage.bucket_name import bucket_name_problem


@pytest.mark.parametrize("name", ["training-results", "abc", "a.b-c.d", "1.2.3", "0" * 63])
def test_takes_a_name_that_s3_takes(name: str) -> None:
    assert bucket_name_problem(name) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ab", "3 to 63 characters"),
        ("a" * 64, "3 to 63 characters"),
        ("", "3 to 63 characters"),
        ("Training-Results", "lower-case"),
        ("training_results", "lower-case"),
        ("training results", "lower-case"),
        ("tr\u00e4ining", "lower-case"),
        ("-training", "begin and end"),
        ("training.", "begin and end"),
        ("a..b", "a dot beside"),
        ("a.-b", "a dot beside"),
        ("192.168.5.4", "IP address"),
        ("xn--training", "begins with"),
        ("training-s3alias", "ends with"),
    ],
)
def test_says_why_s3_refuses_a_name(name: str, reason: str) -> None:
    assert reason in bucket_name_problem(name)
