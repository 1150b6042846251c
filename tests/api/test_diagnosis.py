"""A cause is told when it is sure, and not before: not for old pods, old events, or what is about to pass."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from controllers import REVISION, crashing, event, pod, replica_set, roll_out, starting
from engine import Engine
from objects_to_apply import claim, deployment
from waits import await_audit, messages, started, wait_for

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting import diagnosis, events, pod_state

JSON = Any


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Troubles that are new count after half a second."""
    monkeypatch.setitem(pod_state._PATIENCE, pod_state.UNSCHEDULABLE, 0.5)
    monkeypatch.setitem(events._OF_PODS, "FailedMount", 0.5)
    monkeypatch.setitem(events._OF_CLAIMS, "ProvisioningFailed", 0.5)


@pytest.fixture
def seen(engine: Engine) -> JSON:
    """A Deployment whose controller has seen it, at revision 2."""
    body = deployment(engine.namespace)
    body["metadata"]["annotations"] = {REVISION: "2"}
    made = engine.create(body)
    roll_out(engine, made, available=0)
    return engine.live(made)


UNSCHEDULABLE = {
    "phase": "Pending",
    "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node"}],
}


def test_a_pod_of_the_newest_template_that_crashes_again_is_the_cause(
    engine: Engine, seen: JSON, pool: ThreadPoolExecutor
) -> None:
    newest = replica_set(engine, seen, 2)
    doomed = pod(engine, newest, phase="Running")
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, seen)
    await_audit(engine, before, "watch", "pods")
    engine.edit(doomed, {"status": crashing(1)}, subresource="status")
    assert messages(wait.result()) == [f"pod {doomed['metadata']['name']}, container web: CrashLoopBackOff"]


def test_pods_of_an_older_template_are_not(engine: Engine, seen: JSON, pool: ThreadPoolExecutor) -> None:
    old = pod(engine, replica_set(engine, seen, 1), phase="Running")
    replica_set(engine, seen, 2)
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, seen)
    await_audit(engine, before, "watch", "pods")
    engine.edit(old, {"status": crashing(1)}, subresource="status")
    await_audit(engine, before, "list", "replicasets")  # it was looked into
    roll_out(engine, seen)
    assert messages(wait.result()) == ["1 of 1 replicas available"]


def test_a_pod_that_no_node_takes_is_the_cause(engine: Engine, seen: JSON) -> None:
    stuck = pod(engine, replica_set(engine, seen, 2), **starting())
    with ThreadPoolExecutor(1) as pool:
        before = engine.audit_mark()
        wait = started(pool, engine.cluster, seen)
        await_audit(engine, before, "watch", "pods")
        engine.edit(stuck, {"status": UNSCHEDULABLE}, subresource="status")
        assert messages(wait.result()) == [f"pod {stuck['metadata']['name']}: Unschedulable (no node)"]


def test_a_pod_whose_node_is_on_its_way_is_waited_for(engine: Engine, seen: JSON, pool: ThreadPoolExecutor) -> None:
    stuck = pod(engine, replica_set(engine, seen, 2), **starting())
    event(engine, stuck, "TriggeredScaleUp", "pod triggered scale-up: 1->2", kind="Normal")
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, seen, seconds=4)
    await_audit(engine, before, "watch", "pods")
    engine.edit(stuck, {"status": UNSCHEDULABLE}, subresource="status")
    assert messages(wait.result())[0].startswith("not ready within 4 s: 0 of 1 replicas available")


def test_a_volume_that_cannot_be_mounted_is_the_cause(engine: Engine, seen: JSON, pool: ThreadPoolExecutor) -> None:
    stuck = pod(engine, replica_set(engine, seen, 2), **starting())
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, seen)
    await_audit(engine, before, "watch", "events")
    event(engine, stuck, "FailedMount", 'secret "nowhere" not found')
    name = stuck["metadata"]["name"]
    assert messages(wait.result()) == [f'pod {name}: FailedMount (secret "nowhere" not found)']


def test_a_volume_that_was_mounted_after_all_is_not(engine: Engine, seen: JSON, pool: ThreadPoolExecutor) -> None:
    late = pod(engine, replica_set(engine, seen, 2), **starting())
    event(engine, late, "Pulling", "pulling image", kind="Normal", second=9)
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, seen, seconds=3)
    await_audit(engine, before, "watch", "events")
    event(engine, late, "FailedMount", "timed out")
    assert messages(wait.result())[0].startswith("not ready within 3 s: 0 of 1 replicas available")


def test_an_old_event_may_be_of_what_has_just_been_mended(engine: Engine, seen: JSON) -> None:
    late = pod(engine, replica_set(engine, seen, 2), **starting())
    event(engine, late, "FailedMount", "not found")
    (told,) = messages(wait_for(engine.cluster, seen, seconds=3))
    assert told.startswith("not ready within 3 s: 0 of 1 replicas available. pod")
    assert told.endswith("FailedMount (not found)")


def test_a_claim_that_cannot_be_provisioned_is_the_cause(engine: Engine, pool: ThreadPoolExecutor) -> None:
    wanted = claim(engine.namespace)
    wanted["spec"]["storageClassName"] = "nowhere"
    made = engine.create(wanted)
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, made)
    await_audit(engine, before, "watch", "events")
    event(engine, made, "ProvisioningFailed", 'storageclass "nowhere" not found')
    assert messages(wait.result()) == ['ProvisioningFailed (storageclass "nowhere" not found)']


def test_pods_that_are_refused_are_told_with_the_refusal(engine: Engine, seen: JSON, pool: ThreadPoolExecutor) -> None:
    newest = replica_set(engine, seen, 2)
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, seen)
    await_audit(engine, before, "watch", "events")
    event(engine, newest, "FailedCreate", "exceeded quota: pods")
    failing = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "older words"}
    roll_out(engine, seen, available=0, conditions=[failing])
    assert messages(wait.result()) == ["its pods cannot be made: exceeded quota: pods"]


def test_one_evicted_pod_is_not_the_end_but_two_are(engine: Engine, seen: JSON, pool: ThreadPoolExecutor) -> None:
    newest = replica_set(engine, seen, 2)
    evicted = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}
    first = pod(engine, newest, phase="Running")
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, seen)
    await_audit(engine, before, "watch", "pods")
    engine.edit(first, {"status": evicted}, subresource="status")
    await_audit(engine, before, "patch", "pods")
    second = pod(engine, newest, phase="Running")
    assert not wait.done()
    engine.edit(second, {"status": evicted}, subresource="status")
    (told,) = messages(wait.result())
    assert "Evicted (The node was low on resource: memory.)" in told


def test_a_broken_pod_of_an_older_template_is_in_a_stateful_sets_way(
    engine: Engine, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "_PATIENCE_WITH_OLD_PODS", 0.5)
    body = deployment(engine.namespace)
    spec = {key: body["spec"][key] for key in ("selector", "template")}
    made = engine.create({**body, "kind": "StatefulSet", "spec": {**spec, "serviceName": "web"}})
    status = {"observedGeneration": 9, "replicas": 1, "currentRevision": "web-1", "updateRevision": "web-2"}
    engine.edit(made, {"status": status}, subresource="status")
    old = pod(engine, made, **starting())
    engine.edit(old, {"metadata": {"labels": {"controller-revision-hash": "web-1"}}})
    before = engine.audit_mark()
    wait = started(pool, engine.cluster, engine.live(made))
    await_audit(engine, before, "watch", "pods")
    engine.edit(old, {"status": crashing(restarts=3)}, subresource="status")
    (told,) = messages(wait.result())
    assert f"pod {old['metadata']['name']}, container web: CrashLoopBackOff" in told
    assert f"delete it (kubectl delete pod --namespace {engine.namespace} {old['metadata']['name']})" in told
