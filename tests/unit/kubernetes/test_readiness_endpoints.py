"""Services and webhooks are ready when somebody answers behind them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.kinds import assess
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.selection import Selection
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.surroundings import Surroundings

JSON = Any


def workload(kind: str = "Deployment", namespace: str = "a", spec: JSON = None, **labels: str) -> JSON:
    template = {"metadata": {"labels": labels or {"app": "web", "tier": "front"}}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"template": template, **(spec or {})},
    }


def service(**spec: JSON) -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "a"},
        "spec": {
            "selector": {"app": "web"},
            "ports": [{"port": 80, "targetPort": "http"}],
            "clusterIP": "10.0.0.1",
            **spec,
        },
    }


def piece(ready: bool | None, ports: tuple[int, ...] = (80,)) -> JSON:
    conditions = {} if ready is None else {"ready": ready}
    endpoints = [{"addresses": ["10.1.0.1"], "conditions": conditions}]
    return {"ports": [{"port": port} for port in ports], "endpoints": endpoints}


def verdict_on(body: JSON, *workloads: JSON, slices: list[JSON] | None) -> str:
    selection = Selection({Reference.of(each): each for each in workloads})
    around = Surroundings(lambda: None, lambda _namespace, _name: slices, selection.wants_pods_for)
    verdict = assess(Reference.of(body), body, around)
    word = "waiting" if not verdict.done else "ready" if verdict.successful else "failed"
    return f"{word}: {verdict.message}"


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        ([], "waiting: it has no endpoint yet"),
        ([piece(False)], "waiting: none of its endpoints is ready"),
        ([piece(True, ports=())], "waiting: no pod it selects has a port http"),
        ([piece(False), piece(True)], "ready: 1 endpoint ready"),
        ([piece(True), piece(None)], "ready: 2 endpoints ready"),
        (None, "ready: its endpoints may not be read"),
    ],
)
def test_a_service_whose_workload_is_in_the_set_needs_an_endpoint(slices: list[JSON] | None, expected: str) -> None:
    assert verdict_on(service(), workload(), slices=slices) == expected


@pytest.mark.parametrize(
    "workloads",
    [
        [],
        [workload(spec={"replicas": 0})],
        [workload("StatefulSet", spec={"replicas": 0})],
        [workload(namespace="b")],
        [workload(app="other")],
        [workload("Job")],
        [{**workload("DaemonSet"), "status": {"desiredNumberScheduled": 0}}],
    ],
    ids=["none", "scaled to 0", "set scaled to 0", "other namespace", "other labels", "a Job", "no node for it"],
)
def test_a_service_without_pods_to_come_is_ready(workloads: list[JSON]) -> None:
    assert verdict_on(service(), *workloads, slices=[]) == "ready: ready"


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"])
def test_every_workload_that_stays_is_one_to_answer(kind: str) -> None:
    assert verdict_on(service(), workload(kind), slices=[]) == "waiting: it has no endpoint yet"


def test_a_pod_is_one_to_answer() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "a", "labels": {"app": "web"}}}
    assert verdict_on(service(), pod, slices=[]) == "waiting: it has no endpoint yet"


@pytest.mark.parametrize(
    "spec",
    [{"clusterIP": "None"}, {"type": "ExternalName"}, {"selector": None}, {"ports": None}],
    ids=["headless", "external name", "no selector", "no ports"],
)
def test_a_service_that_is_not_reached_by_endpoints_is_ready(spec: JSON) -> None:
    assert verdict_on(service(**spec), workload(), slices=[]).startswith("ready")


def test_a_scaled_down_workload_is_seen_when_it_is_asked() -> None:
    seen = {Reference.of(workload()): workload()}
    selection = Selection(seen)
    assert selection.wants_pods_for(service())
    seen[Reference.of(workload())] = workload(spec={"replicas": 0})
    assert not selection.wants_pods_for(service())


def webhook(**client: JSON) -> JSON:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "x"},
        "webhooks": [{"name": "check.example.com", "clientConfig": client}],
    }


BEHIND = {"namespace": "a", "name": "hook"}


@pytest.mark.parametrize(
    ("client", "slices", "expected"),
    [
        ({"url": "https://example.com"}, [], "ready: can be called"),
        ({"service": BEHIND}, [piece(True)], "waiting: webhook check.example.com has no caBundle yet"),
        (
            {"service": BEHIND, "caBundle": "eA=="},
            [],
            "waiting: Service a/hook of webhook check.example.com has no ready endpoint",
        ),
        ({"service": BEHIND, "caBundle": "eA=="}, [piece(True)], "ready: can be called"),
        ({"service": BEHIND, "caBundle": "eA=="}, None, "ready: can be called"),
    ],
)
def test_a_webhook_is_ready_when_it_can_be_called(client: JSON, slices: list[JSON] | None, expected: str) -> None:
    assert verdict_on(webhook(**client), slices=slices) == expected
