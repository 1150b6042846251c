"""Which pods are a workload's, and which of them are of its present template."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import (
    may_belong,
    pod_selector,
    workloads_of,
)

JSON = Any


def workload(kind: str, selector: JSON = None, status: JSON = None, **annotations: str) -> JSON:
    metadata = {"name": "web", "namespace": "a", "uid": "1", "annotations": annotations}
    return {"kind": kind, "metadata": metadata, "spec": {"selector": selector}, "status": status or {}}


def pod(owner: JSON = None, **labels: str) -> JSON:
    labels = {key.replace("_", "-"): value for key, value in labels.items()}
    return {"metadata": {"namespace": "a", "labels": labels, "ownerReferences": [owner] if owner else []}}


@pytest.mark.parametrize(
    ("kind", "selector", "expected"),
    [
        ("Deployment", {"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        ("ReplicationController", {"a": "1"}, "a=1"),
        ("Job", {"matchLabels": {"batch.kubernetes.io/controller-uid": "x"}}, "batch.kubernetes.io/controller-uid=x"),
        (
            "StatefulSet",
            {
                "matchExpressions": [
                    {"key": "a", "operator": "In", "values": ["1", "2"]},
                    {"key": "b", "operator": "NotIn", "values": ["3"]},
                    {"key": "c", "operator": "Exists"},
                    {"key": "d", "operator": "DoesNotExist"},
                ]
            },
            "a in (1,2),b notin (3),c,!d",
        ),
        ("Service", {"a": "1"}, ""),
        ("Pod", None, ""),
    ],
)
def test_pods_are_asked_for_by_their_workloads_selector(kind: str, selector: JSON, expected: str) -> None:
    assert pod_selector(workload(kind, selector)) == expected


def test_a_pod_of_a_deployment_names_it_by_its_replica_set() -> None:
    owner = {"kind": "ReplicaSet", "name": "web-server-abc", "uid": "7"}
    assert workloads_of(pod(owner, pod_template_hash="abc")) == ["7", "a/web-server"]


def test_a_pod_of_a_replica_set_of_its_own_names_no_deployment() -> None:
    assert workloads_of(pod({"kind": "ReplicaSet", "name": "web", "uid": "7"}, pod_template_hash="abc")) == ["7"]


def test_a_pod_of_nobody_is_nobodys() -> None:
    assert workloads_of(pod()) == []


@pytest.mark.parametrize(
    ("body", "labels", "expected"),
    [
        (workload("StatefulSet", status={"updateRevision": "r2"}), {"controller_revision_hash": "r2"}, True),
        (workload("StatefulSet", status={"updateRevision": "r2"}), {"controller_revision_hash": "r1"}, False),
        (
            workload("DaemonSet", **{"deprecated.daemonset.template.generation": "2"}),
            {"pod_template_generation": "2"},
            True,
        ),
        (
            workload("DaemonSet", **{"deprecated.daemonset.template.generation": "2"}),
            {"pod_template_generation": "1"},
            False,
        ),
        (workload("DaemonSet"), {"pod_template_generation": "1"}, True),
        (workload("Job"), {}, True),
    ],
)
def test_a_pod_of_an_older_template_is_told_from_one_of_the_present(body: JSON, labels: JSON, expected: bool) -> None:
    assert may_belong(pod(**labels), body) is expected
