"""Faults that pass: the run comes through, the next one changes nothing, and the inventory is what is there."""

from __future__ import annotations

import time

import pytest
from engine import Engine
from fault_proxy import (
    Fault,
    FaultProxy,
    break_off,
    damage,
    hang,
    lose_answer,
    page,
    reset,
    retry_at,
    status,
)
from faults import SIBLINGS, assert_nothing_left_to_do, made_so, run_manifests, some_set

QUOTA = 'Operation cannot be fulfilled on resourcequotas "all": the object has been modified'

PASSING: dict[str, Fault] = {
    "429 that names seconds": status(429, "TooManyRequests", Retry_After="1"),
    "429 that names a date": retry_at(429, 2),
    "503 that names seconds": status(503, "ServiceUnavailable", Retry_After="1"),
    "500 of a lost etcd": status(500, "InternalError", "etcdserver: leader changed"),
    "504 of a slow etcd": status(504, "Timeout", "request did not complete within the allotted time"),
    "409 of two writers that meet in a quota": status(409, "Conflict", QUOTA),
    "reset in mid-body": reset,
    "reset before any byte": break_off,
    "answer lost after the write": lose_answer,
    "damaged JSON": damage,
    "page of a proxy with 200": page(200),
    "page of a proxy with 502": page(502),
    "hang past the request's time": hang(4),
}


@pytest.fixture(params=PASSING.values(), ids=[each.replace(" ", "_") for each in PASSING])
def fault(request: pytest.FixtureRequest) -> Fault:
    passing: Fault = request.param
    return passing


def test_a_write_that_fails_in_passing_is_tried_again_while_the_others_go_on(
    faulty: Engine, proxy: FaultProxy, fault: Fault
) -> None:
    proxy.inject("PATCH /api/v1/namespaces/" + faulty.namespace + "/configmaps/settings-2", fault)
    rows = {row["ref"].rpartition("/")[2]: row for row in made_so(faulty)}
    assert {row["action"] for row in rows.values()} == {"created"}
    assert rows["settings-2"]["tries"] == 2
    assert {rows[f"settings-{number}"]["tries"] for number in range(SIBLINGS) if number != 2} == {1}
    assert_nothing_left_to_do(faulty)


def test_a_read_that_fails_in_passing_is_tried_again(faulty: Engine, proxy: FaultProxy, fault: Fault) -> None:
    made_so(faulty)
    proxy.inject("GET /api/v1/namespaces/" + faulty.namespace + "/configmaps", fault)
    assert_nothing_left_to_do(faulty)
    assert proxy.faults == []


@pytest.mark.parametrize("fault", [reset, break_off, lose_answer, damage, hang(4)])
def test_an_inventory_whose_first_write_gets_no_answer_is_made_once(
    faulty: Engine, proxy: FaultProxy, fault: Fault
) -> None:
    proxy.inject("POST", fault)
    made_so(faulty)
    assert proxy.count("POST") == 2
    assert_nothing_left_to_do(faulty)


def test_a_deletion_whose_answer_is_lost_is_done_once(faulty: Engine, proxy: FaultProxy) -> None:
    objects = some_set(faulty.namespace)
    made_so(faulty)
    proxy.inject("DELETE", *[lose_answer] * 3)
    rows = faulty.plan_absent(*objects, inventory=f"{faulty.namespace}/inventory").carry_out().rows
    assert {row.action.value for row in rows} == {"deleted"}
    assert all(faulty.live(each) is None for each in objects)


def test_waits_as_long_as_the_server_asks(faulty: Engine, proxy: FaultProxy) -> None:
    proxy.inject("PATCH", status(503, "ServiceUnavailable", Retry_After="2"))
    started = time.monotonic()
    made_so(faulty)
    assert 2.0 <= time.monotonic() - started < 5.0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_converges_where_half_of_all_calls_fail(faulty: Engine, proxy: FaultProxy, seed: int) -> None:
    faults = (status(429), status(503), status(500), reset, break_off, lose_answer, damage, page(502))
    proxy.at_random(seed, 0.5, *faults)
    assert {row["action"] for row in made_so(faulty)} == {"created"}
    proxy.end_faults()
    assert_nothing_left_to_do(faulty)


def test_the_module_itself_comes_through_and_tells_its_tries(faulty: Engine, proxy: FaultProxy) -> None:
    proxy.inject("settings-1?", status(429, Retry_After="1"), reset, page(502))
    where = {"inventory": f"{faulty.namespace}/inventory"}
    returned = run_manifests(str(faulty.cluster.kubeconfig), *some_set(faulty.namespace), **where)
    assert returned["changed"]
    assert [row["tries"] for row in returned["objects"] if row["ref"].endswith("settings-1")] == [4]
    again = run_manifests(str(faulty.cluster.kubeconfig), *some_set(faulty.namespace), **where)
    assert not again["changed"]
