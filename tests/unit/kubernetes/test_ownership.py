"""Only a sure yes lets an apply go without a dry run."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.ownership import is_applied

JSON = Any

MANIFEST = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "here", "labels": {"app": "web"}, "finalizers": ["example.com/keep"]},
    "spec": {
        "selector": {"app": "web"},
        "ports": [{"name": "http", "port": 80}, {"name": "https", "port": 443}],
        "externalIPs": ["192.0.2.1"],
    },
}
FIELDS = {
    "f:metadata": {"f:labels": {"f:app": {}}, "f:finalizers": {'v:"example.com/keep"': {}}},
    "f:spec": {
        "f:selector": {},
        "f:ports": {
            'k:{"port":443,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}},
            'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}},
        },
        "f:externalIPs": {},
    },
}


def live(**changes: JSON) -> JSON:
    """The manifest as the server keeps it after an apply."""
    body: JSON = copy.deepcopy(MANIFEST)
    for port in body["spec"]["ports"]:
        port["protocol"] = "TCP"
    body["spec"]["clusterIP"] = "10.96.0.7"
    entry = {"manager": "us", "operation": "Apply", "apiVersion": "v1", "fieldsV1": FIELDS, **changes}
    body["metadata"]["managedFields"] = [entry]
    return body


def manifest(*path: str | int, value: JSON) -> JSON:
    """The manifest with one value set, or removed where the value is None."""
    changed: JSON = copy.deepcopy(MANIFEST)
    place = changed
    for part in path[:-1]:
        place = place[part]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


def test_the_same_manifest_is_applied() -> None:
    assert is_applied(MANIFEST, live(), "us")


@pytest.mark.parametrize(
    "changed",
    [
        manifest("spec", "ports", 0, "port", value=8080),
        manifest("spec", "ports", 0, "port", value="80"),
        manifest("spec", "ports", 0, "nodePort", value=30080),
        manifest("spec", "ports", value=[MANIFEST["spec"]["ports"][0]]),
        manifest("spec", "ports", value=list(reversed(MANIFEST["spec"]["ports"]))),
        manifest("spec", "ports", value=[*MANIFEST["spec"]["ports"], {"port": 80, "protocol": "UDP"}]),
        manifest("spec", "selector", "tier", value="front"),
        manifest("spec", "selector", value=None),
        manifest("spec", "type", value="NodePort"),
        manifest("spec", "externalIPs", value=["192.0.2.2"]),
        manifest("metadata", "labels", "app", value="other"),
        manifest("metadata", "labels", value=None),
        manifest("metadata", "finalizers", value=["example.com/other"]),
        manifest("metadata", "annotations", value={"more": "yes"}),
    ],
    ids=str,
)
def test_any_difference_needs_a_dry_run(changed: JSON) -> None:
    assert not is_applied(changed, live(), "us")


def test_fields_applied_by_somebody_else_are_not_ours() -> None:
    assert not is_applied(MANIFEST, live(), "them")


@pytest.mark.parametrize("entry", [{"operation": "Update"}, {"subresource": "status"}, {"apiVersion": "v2"}], ids=str)
def test_another_way_of_writing_is_no_apply(entry: JSON) -> None:
    assert not is_applied(MANIFEST, live(**entry), "us")


def test_a_live_value_that_drifted_needs_a_dry_run() -> None:
    drifted = live()
    drifted["spec"]["ports"][1]["name"] = "tls"
    assert not is_applied(MANIFEST, drifted, "us")


def test_true_is_not_one() -> None:
    fields = {"f:data": {"f:flag": {}}}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"flag": True}}
    entry = {"manager": "us", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}
    seen = {**body, "metadata": {"name": "x", "managedFields": [entry]}, "data": {"flag": 1}}
    assert not is_applied(body, seen, "us")
