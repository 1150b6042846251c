"""A wait hears of every change as it happens, asks for nothing while nothing happens, and survives a bad line."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_server import ApiServer
from controllers import roll_out
from engine import Engine
from fault_proxy import Fault, FaultProxy, break_off, status
from objects_to_apply import config_map, deployment
from waits import SECONDS, await_audit, messages, requests_since, started, wait_for

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster

JSON = Any
WATCH = "deployments?fieldSelector=metadata.name%3Dweb&watch=true"


@pytest.fixture
def through(server: ApiServer, proxy: FaultProxy) -> Iterator[Cluster]:
    with Cluster(server.kubeconfig_through(proxy.url), request_timeout=5) as cluster:
        yield cluster


def until(proxy: FaultProxy, where: str, count: int = 1) -> None:
    """Comes back when so many such requests have been seen."""
    deadline = time.monotonic() + SECONDS
    while proxy.count(where) < count:
        assert time.monotonic() < deadline, proxy.seen
        time.sleep(0.01)


def expired(handler: Any) -> None:
    """The watch tells that its version is too old, as an event of a stream that began well."""
    body = {"kind": "Status", "apiVersion": "v1", "code": 410, "reason": "Expired", "message": "too old"}
    handler.begin_stream()
    handler.write_chunk(json.dumps({"type": "ERROR", "object": body}).encode() + b"\n")
    handler.wfile.write(b"0\r\n\r\n")


def cut_after(lines: int) -> Fault:
    """The connection ends in the middle of the answer, after so many events."""
    return lambda handler: handler.pass_stream(lines)


def test_a_change_is_told_not_asked_for(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON
) -> None:
    wait = started(pool, through, made)
    until(proxy, "watch=true", 3)
    asked = len(proxy.seen)
    roll_out(engine, made)
    assert messages(wait.result()) == ["1 of 1 replicas available"]
    assert len(proxy.seen) == asked


def test_nothing_is_asked_while_nothing_happens(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON
) -> None:
    before = engine.audit_mark()
    wait = started(pool, through, made)
    until(proxy, "watch=true", 3)  # the Deployment, its pods, the warnings
    time.sleep(3.0)  # the while in which nothing happens
    requests = requests_since(engine, before)
    roll_out(engine, made)
    wait.result()
    assert sorted(requests) == sorted(
        f"{verb} {kind}" for verb in ("list", "watch") for kind in ("deployments", "pods", "events")
    )


@pytest.mark.parametrize("fault", [status(410, "Expired"), expired], ids=["as an answer", "as an event"])
def test_asks_anew_when_its_version_is_too_old(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON, fault: Fault
) -> None:
    proxy.inject(WATCH, fault)
    wait = started(pool, through, made)
    until(proxy, WATCH, 2)
    assert proxy.count("deployments?fieldSelector=metadata.name%3Dweb&limit") == 2
    roll_out(engine, made)
    assert messages(wait.result()) == ["1 of 1 replicas available"]


def test_goes_on_where_it_was_when_the_stream_breaks_off(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON
) -> None:
    proxy.inject(WATCH, cut_after(1))
    wait = started(pool, through, made)
    until(proxy, WATCH)
    roll_out(engine, made, available=0)
    until(proxy, WATCH, 2)
    first, second = [request for request in proxy.seen if WATCH in request]
    roll_out(engine, made)
    assert messages(wait.result()) == ["1 of 1 replicas available"]
    assert version_of(second) > version_of(first)
    assert proxy.count("deployments?fieldSelector=metadata.name%3Dweb&limit") == 1


def version_of(request: str) -> int:
    return int(request.partition("resourceVersion=")[2].partition("&")[0])


def test_what_happens_while_a_stream_is_reset_is_not_missed(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON
) -> None:
    proxy.inject(WATCH, lambda handler: (roll_out(engine, made), break_off(handler)))
    assert messages(started(pool, through, made).result()) == ["1 of 1 replicas available"]


def test_a_stream_that_always_breaks_is_given_up_for_asking(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON
) -> None:
    proxy.inject(WATCH, *[break_off] * 50)
    wait = started(pool, through, made)
    until(proxy, "deployments?fieldSelector=metadata.name%3Dweb&limit", 7)
    roll_out(engine, made)
    assert messages(wait.result()) == ["1 of 1 replicas available"]
    assert proxy.count(WATCH) == 5


@pytest.mark.parametrize("code", [403, 405])
def test_asks_again_and_again_where_watching_is_refused(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON, code: int
) -> None:
    proxy.inject("watch=true", *[status(code)] * 50)
    wait = started(pool, through, made)
    until(proxy, "deployments?fieldSelector=metadata.name%3Dweb&limit", 3)
    roll_out(engine, made)
    assert messages(wait.result()) == ["1 of 1 replicas available"]
    assert proxy.count(WATCH) == 1


def test_who_may_only_get_is_enough(server: ApiServer, engine: Engine, made: JSON, pool: ThreadPoolExecutor) -> None:
    """No list, no watch, no pods, no events: only the object itself."""
    grant(engine, ["get"], ["deployments"])
    before = engine.audit_mark()
    with Cluster(server.kubeconfig, "looker") as looker:
        wait = started(pool, looker, made)
        await_audit(engine, before, "get", "deployments")
        roll_out(engine, made)
        assert messages(wait.result()) == ["1 of 1 replicas available"]
    assert requests_since(engine, before).count("list deployments") == 1


def test_who_may_not_even_get_is_told(server: ApiServer, made: JSON) -> None:
    with Cluster(server.kubeconfig, "looker") as looker, pytest.raises(ApiError, match='User "looker" cannot get'):
        wait_for(looker, made)


def grant(engine: Engine, verbs: list[str], resources: list[str]) -> None:
    """Lets user `looker` do this in the test's namespace."""
    engine.allow_looker(verbs, resources, group="apps")


def test_only_what_is_pending_is_watched(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON
) -> None:
    other = engine.create(deployment(engine.namespace, "other"))
    roll_out(engine, other)
    settings = engine.create(config_map(engine.namespace))
    other = engine.live(other)
    wait = started(pool, through, made, other, settings)
    until(proxy, "watch=true", 3)
    roll_out(engine, made)
    wait.result()
    assert proxy.count("configmaps") == 0
    assert [
        request for request in proxy.seen if "deployments" in request and "metadata.name%3Dweb" not in request
    ] == []


@pytest.mark.parametrize("way", ["plain", "encrypted"])
def test_no_thread_and_no_stream_outlives_the_wait(engine: Engine, through: Cluster, made: JSON, way: str) -> None:
    verdicts = wait_for(through if way == "plain" else engine.cluster, made, seconds=1.0)
    assert messages(verdicts) == ["not ready within 1 s: the change is not seen yet"]
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("watch ")] == []


def test_a_deleted_object_is_not_waited_for(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON
) -> None:
    wait = started(pool, through, made)
    until(proxy, WATCH)
    engine.cluster.request("DELETE", f"/apis/apps/v1/namespaces/{engine.namespace}/deployments/web")
    assert messages(wait.result()) == ["it was deleted while it was waited for"]


def test_the_last_look_at_the_deadline_sees_what_a_silent_stream_did_not_tell(
    engine: Engine, proxy: FaultProxy, through: Cluster, pool: ThreadPoolExecutor, made: JSON
) -> None:
    def silence(handler: Any) -> None:
        handler.begin_stream()
        roll_out(engine, made)
        time.sleep(4.0)

    proxy.inject(WATCH, silence)
    assert messages(wait_for(through, made, seconds=2.0)) == ["1 of 1 replicas available"]
