"""Only what is sure counts as the same value."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.spelling import is_kept_as

JSON = Any

REQUEST = ("v1", "spec", "resources", "requests", "cpu")


@pytest.mark.parametrize(
    ("value", "live"), [("1000m", "1"), (2, "2"), ("0.5Gi", "512Mi"), ("1024Mi", "1Gi"), ("1000k", "1M"), ("x", "x")]
)
def test_a_quantity_is_the_same_in_the_form_the_server_gives_it(value: JSON, live: str) -> None:
    assert is_kept_as(value, live, REQUEST)


@pytest.mark.parametrize(("value", "live"), [("1001m", "1"), ("1k", "1e3"), ("1Ki", "1024"), ("one", "1"), (True, "1")])
def test_another_number_or_family_is_not(value: JSON, live: str) -> None:
    assert not is_kept_as(value, live, REQUEST)


@pytest.mark.parametrize(
    "trail",
    [
        ("v1", "data", "cpu"),
        ("v1", "metadata", "labels", "storage"),
        ("v1", "spec", "selector", "matchLabels", "storage"),
        ("example.org/v1", "spec", "resources", "requests", "cpu"),
    ],
    ids=["data", "label", "selector", "custom_resource"],
)
def test_what_is_no_quantity_is_compared_as_it_is(trail: tuple[str, ...]) -> None:
    assert not is_kept_as("1000m", "1", trail)


@pytest.mark.parametrize(("protocol", "is_default"), [("TCP", True), ("UDP", False)])
def test_inside_a_value_held_as_a_whole_a_default_and_nothing_else_may_be_added(
    protocol: str, is_default: bool
) -> None:
    live = [{"ports": [{"port": 80, "protocol": protocol}]}]
    trail = ("networking.k8s.io/v1", "spec", "ingress")
    assert is_kept_as([{"ports": [{"port": 80}]}], live, trail) is is_default


@pytest.mark.parametrize(
    ("live", "is_derived"),
    [
        ({"default": {"cpu": "1"}, "defaultRequest": {"cpu": "1", "memory": "1Gi"}}, True),
        ({"default": {"cpu": "1"}, "defaultRequest": {"cpu": "500m", "memory": "1Gi"}}, False),
        ({"default": {"cpu": "2"}, "defaultRequest": {"cpu": "2", "memory": "1Gi"}}, False),
        ({}, False),
    ],
)
def test_a_limit_for_containers_is_kept_with_what_the_server_derives_from_it_and_nothing_else(
    live: JSON, is_derived: bool
) -> None:
    given = {"type": "Container", "max": {"cpu": "1000m"}, "min": {"memory": "1024Mi"}}
    kept = {"type": "Container", "max": {"cpu": "1"}, "min": {"memory": "1Gi"}, **live}
    assert is_kept_as([given], [kept], ("v1", "spec", "limits")) is is_derived


def test_a_limit_for_pods_derives_nothing() -> None:
    given = {"type": "Pod", "max": {"cpu": "1000m"}}
    trail = ("v1", "spec", "limits")
    assert is_kept_as([given], [{"type": "Pod", "max": {"cpu": "1"}}], trail)
    assert not is_kept_as([given], [{"type": "Pod", "max": {"cpu": "1"}, "default": {"cpu": "1"}}], trail)
