"""What a wait looks at, what it takes for ready and what for lost, with the tests as controllers."""

from __future__ import annotations

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from controllers import endpoint_slice, pod, replica_set, roll_out
from engine import Engine
from objects_to_apply import config_map, service, widget, widget_definition
from waits import await_audit, messages, requests_since, started, wait_for

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.gone import until_gone
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.at_rest import until_at_rest
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any


def test_nothing_is_asked_about_what_is_ready(engine: Engine, made: JSON) -> None:
    roll_out(engine, made)
    bodies = [engine.live(made), engine.create(config_map(engine.namespace)), engine.create(service(engine.namespace))]
    before = engine.audit_mark()
    verdicts = wait_for(engine.cluster, bodies[0], bodies[1])
    assert messages(verdicts) == ["1 of 1 replicas available", "exists"]
    assert requests_since(engine, before) == []


def test_one_list_tells_of_the_endpoints_of_all_that_is_ready(engine: Engine, made: JSON) -> None:
    roll_out(engine, made)
    endpoint_slice(engine, "web")
    bodies = [engine.create(service(engine.namespace)), engine.live(made)]
    before = engine.audit_mark()
    assert messages(wait_for(engine.cluster, *bodies))[0] == "1 endpoint ready"
    assert requests_since(engine, before) == ["list endpointslices"]


def test_a_service_waits_until_its_workload_answers(engine: Engine, made: JSON, pool: ThreadPoolExecutor) -> None:
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, made, engine.create(service(engine.namespace)))
    await_audit(engine, before, "watch", "endpointslices")
    roll_out(engine, made)
    endpoint_slice(engine, "web", ready=False)
    endpoint_slice(engine, "web")
    assert messages(wait.result()) == ["1 of 1 replicas available", "1 endpoint ready"]


def test_a_webhook_waits_until_its_service_answers(engine: Engine, pool: ThreadPoolExecutor) -> None:
    behind: JSON = {"service": {"namespace": engine.namespace, "name": "hook"}}
    hook = engine.create(webhook(engine.namespace, behind))
    try:
        before = engine.audit_mark()
        wait = started(pool, engine.cluster, hook)
        await_audit(engine, before, "watch", "validatingwebhookconfigurations")
        certificate = (engine.server.folder / "certificates/apiserver.crt").read_bytes()
        behind["caBundle"] = base64.b64encode(certificate).decode()
        engine.edit(hook, {"webhooks": webhook(engine.namespace, behind)["webhooks"]})
        endpoint_slice(engine, "hook")
        assert messages(wait.result()) == ["can be called"]
    finally:
        engine.delete(hook)


def webhook(name: str, client: JSON) -> JSON:
    """For a kind nobody has."""
    rule = {"apiGroups": ["nobody.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}
    one = {"name": "check.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"], "rules": [rule]}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [{**one, "clientConfig": client}],
    }


@pytest.fixture
def gadget(engine: Engine) -> JSON:
    """A custom resource of a kind of the test's own."""
    group = f"{engine.namespace}.example.com"
    engine.apply(widget_definition(group), widget(group, engine.namespace))
    return engine.live(widget(group, engine.namespace))


RULE = {"kind": "Widget", "expression": "spec.size == `5`", "failure": "spec.size == `0`"}


@pytest.mark.parametrize(
    ("size", "expected"), [(5, "spec.size == `5` is true"), (0, "spec.size == `0` is true")], ids=["ready", "lost"]
)
def test_a_custom_resource_is_waited_for_by_the_users_rule(
    engine: Engine, gadget: JSON, pool: ThreadPoolExecutor, size: int, expected: str
) -> None:
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, gadget, rules=[RULE])
    await_audit(engine, before, "watch", "widgets")
    engine.edit(gadget, {"spec": {"size": size}})
    (verdict,) = wait.result().values()
    assert verdict.message == expected
    assert verdict.successful is (size == 5)


def test_a_rule_that_stays_untrue_is_told_with_what_it_gives(engine: Engine, gadget: JSON) -> None:
    rule = {"kind": "Widget", "expression": "status.phase"}
    assert messages(wait_for(engine.cluster, gadget, rules=[rule], seconds=1)) == [
        "not ready within 1 s: status.phase is null"
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"ttlSecondsAfterFinished": 1}, "done, result unknown: its time to live removed it"),
        ({}, "it was deleted while it was waited for"),
    ],
    ids=["by its time to live", "by somebody"],
)
def test_a_job_that_is_removed_meanwhile(engine: Engine, pool: ThreadPoolExecutor, spec: JSON, expected: str) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "x", "image": "x"}]}}
    metadata = {"name": "once", "namespace": engine.namespace}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template, **spec}}
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, engine.create(job))
    await_audit(engine, before, "watch", "jobs")
    path = f"/apis/batch/v1/namespaces/{engine.namespace}/jobs/once"
    engine.cluster.request("DELETE", path, query={"propagationPolicy": "Background"})
    assert messages(wait.result()) == [expected]


def test_until_gone_comes_back_with_what_is_held(engine: Engine) -> None:
    held = config_map(engine.namespace, "held")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    bodies = {Reference.of(body): body for body in (engine.create(held), engine.create(config_map(engine.namespace)))}
    for body in bodies.values():
        engine.delete(body)
    left = until_gone(engine.cluster, engine.resources, bodies, 4, time.monotonic() + 0.5, Progress())
    assert [reference.name for reference in left] == ["held"]


def test_until_gone_hears_of_the_end(engine: Engine, pool: ThreadPoolExecutor) -> None:
    body = engine.create(config_map(engine.namespace))
    before = engine.audit_mark()
    end = time.monotonic() + 20
    wait = pool.submit(until_gone, engine.cluster, engine.resources, {Reference.of(body): body}, 4, end, Progress())
    await_audit(engine, before, "watch", "configmaps")
    engine.delete(body)
    assert wait.result() == {}
    assert requests_since(engine, before).count("list configmaps") == 1


def test_a_workload_is_at_rest_when_its_last_pod_has_ended(
    engine: Engine, made: JSON, pool: ThreadPoolExecutor
) -> None:
    maker = replica_set(engine, made, 1)
    first, second = pod(engine, maker, phase="Running"), pod(engine, maker, phase="Running")
    selectors = {Reference.of(made): "app=web"}
    before = engine.audit_mark()
    end = time.monotonic() + 20
    wait = pool.submit(until_at_rest, engine.cluster, engine.resources, selectors, end, Progress())
    await_audit(engine, before, "watch", "pods")
    engine.edit(first, {"status": {"phase": "Succeeded"}}, subresource="status")
    engine.cluster.request(
        "DELETE",
        f"/api/v1/namespaces/{engine.namespace}/pods/{second['metadata']['name']}",
        query={"gracePeriodSeconds": 0},
    )
    assert wait.result() == {}
    assert requests_since(engine, before).count("list pods") == 1


def test_a_pod_that_does_not_end_is_named(engine: Engine, made: JSON) -> None:
    running = pod(engine, replica_set(engine, made, 1), phase="Running")
    selectors = {Reference.of(made): "app=web"}
    left = until_at_rest(engine.cluster, engine.resources, selectors, time.monotonic() + 0.5, Progress())
    assert left == {Reference.of(made): [running["metadata"]["name"]]}


def test_what_was_made_anew_under_the_same_name_is_gone(engine: Engine) -> None:
    first = engine.create(config_map(engine.namespace))
    engine.delete(first)
    engine.create(config_map(engine.namespace))
    past = time.monotonic()
    assert until_gone(engine.cluster, engine.resources, {Reference.of(first): first}, 4, past, Progress()) == {}
