"""A server that goes down in mid-run: for a while, which costs a wait, or for good, which costs no more than one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_server import ApiServer, running_api_server
from engine import Engine
from fault_proxy import FaultProxy, break_off, hang, status
from faults import actions, assert_nothing_left_to_do, failure_of, made_so, run_manifests, some_set
from objects_to_apply import config_map

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

MANY = 60


@pytest.fixture(scope="module")
def restarting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server of this file's own, which may be taken down."""
    with running_api_server(tmp_path_factory.mktemp("restarting")) as started:
        yield started


def down_for(server: ApiServer, seconds: float, *, at_once: bool) -> None:
    server.program.stop(at_once=at_once)
    time.sleep(seconds)
    server.program.start()


def on_own_server(server: ApiServer, name: str) -> Engine:
    engine = Engine(server, name)
    engine.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return engine


@pytest.mark.parametrize("at_once", [False, True], ids=["in order", "by losing power"])
def test_a_server_that_restarts_in_mid_run_costs_a_wait_and_nothing_else(
    restarting: ApiServer, pool: ThreadPoolExecutor, at_once: bool
) -> None:
    with on_own_server(restarting, f"restart-{'power' if at_once else 'order'}") as engine:
        objects = [*some_set(engine.namespace), *(config_map(engine.namespace, f"more-{i}") for i in range(MANY))]
        planned = engine.plan(*objects, inventory=f"{engine.namespace}/inventory")
        mark = engine.audit_mark()
        outage = pool.submit(_down_once_written, engine, restarting, mark, at_once)
        rows = planned.carry_out().rows
        outage.result()
        assert {row.action.value for row in rows} == {"created"}
        assert max(row.tries for row in rows) > 1
        restarting.await_ready()
        assert not engine.plan(*objects, inventory=f"{engine.namespace}/inventory").is_change


def _down_once_written(engine: Engine, server: ApiServer, mark: int, at_once: bool) -> None:
    """Takes the server down for five seconds once a few of the objects are there."""
    while len(engine.server.writes_since(mark)) < MANY // 4:
        time.sleep(0.005)
    down_for(server, 5.0, at_once=at_once)


def test_the_module_itself_waits_for_a_server_that_restarts(restarting: ApiServer, pool: ThreadPoolExecutor) -> None:
    with on_own_server(restarting, "restart-module") as engine:
        objects = [config_map(engine.namespace, f"more-{i}") for i in range(MANY)]
        mark = engine.audit_mark()
        outage = pool.submit(_down_once_written, engine, restarting, mark, True)
        returned = run_manifests(restarting.kubeconfig, *objects, context="all", parallelism=2)
        outage.result()
        assert {row["action"] for row in returned["objects"]} == {"created"}, returned.get("msg")
        assert max(row["tries"] for row in returned["objects"]) > 1


Connect = Callable[..., Engine]


@pytest.fixture
def connect(server: ApiServer, engine: Engine, proxy: FaultProxy) -> Connect:
    """The engine through the proxy, with so much time."""

    def connected(request_timeout: float, retry_timeout: float) -> Engine:
        url = server.kubeconfig_through(proxy.url)
        cluster = Cluster(url, request_timeout=request_timeout, retry_timeout=retry_timeout)
        return Engine(server, engine.namespace, cluster=cluster)

    return connected


@pytest.mark.parametrize("fault", [break_off, hang(30)], ids=["refuses", "hangs"])
def test_a_server_that_goes_down_for_good_costs_the_time_for_retries_once(
    connect: Connect, proxy: FaultProxy, fault: Any
) -> None:
    engine = connect(request_timeout=1, retry_timeout=3)
    planned = engine.plan(*(config_map(engine.namespace, f"more-{i}") for i in range(MANY)))
    proxy.always("PATCH", fault)
    started = time.monotonic()
    failure = failure_of(planned)
    assert time.monotonic() - started < 8.0
    told = list(actions(failure).values())
    assert told.count("failed") <= 8  # those that were under way
    assert told.count("not tried") == MANY - told.count("failed")
    assert str(failure).count("no answer any more for 3 s (option retry_timeout)") == 1


def test_a_server_that_refuses_for_good_costs_the_time_for_retries_once_and_each_other_object_a_second_try(
    connect: Connect, proxy: FaultProxy
) -> None:
    engine = connect(request_timeout=1, retry_timeout=3)
    planned = engine.plan(*(config_map(engine.namespace, f"more-{i}") for i in range(12)))
    proxy.always("PATCH", status(503, "ServiceUnavailable", "down", Retry_After="1"))
    started = time.monotonic()
    failure = failure_of(planned)
    assert time.monotonic() - started < 8.0
    assert set(actions(failure).values()) == {"failed"}
    assert str(failure).count("503 ServiceUnavailable: down") == 1


def test_a_slow_server_does_not_use_up_the_time_of_those_that_come_late(connect: Connect, proxy: FaultProxy) -> None:
    engine = connect(request_timeout=5, retry_timeout=3)
    objects = [config_map(engine.namespace, f"more-{i}") for i in range(16)]
    busy: dict[str, int] = {}
    lock = threading.Lock()

    def first_two_tries(request: str) -> Any:
        with lock:
            busy[request] = busy.get(request, 0) + 1
            is_busy = request.startswith("PATCH") and busy[request] <= 2
        return status(429, "TooManyRequests", Retry_After="1") if is_busy else None

    proxy.chance = first_two_tries
    started = time.monotonic()
    rows = engine.apply(*objects)
    assert time.monotonic() - started > 3 * 2  # far longer than the time that each of them has
    assert {row["action"] for row in rows} == {"created"}
    assert {row["tries"] for row in rows} == {3}


def test_one_object_that_hangs_for_good_stops_no_other(connect: Connect, proxy: FaultProxy) -> None:
    engine = connect(request_timeout=1, retry_timeout=2)
    planned = engine.plan(*some_set(engine.namespace))
    proxy.always("settings-2?", hang(30))
    told = actions(failure_of(planned))
    assert [name for name, action in told.items() if action == "failed"] == ["ConfigMap settings-2"]
    assert [name for name, action in told.items() if action == "not tried"] == ["Deployment web"]
    proxy.end_faults()
    made_so(engine)
    assert_nothing_left_to_do(engine)


def test_no_time_for_retries_means_one_try(connect: Connect, proxy: FaultProxy) -> None:
    engine = connect(request_timeout=1, retry_timeout=0)
    proxy.inject("PATCH", status(503, "ServiceUnavailable", "down"))
    with pytest.raises(SetFailed, match="503 ServiceUnavailable: down"):
        engine.apply(config_map(engine.namespace))
    assert proxy.count("PATCH") == 1
