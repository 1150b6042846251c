"""What passes is tried again, what does not is told at once, and nothing hangs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from api_server import ApiServer
from engine import Engine
from fault_proxy import Fault, FaultProxy, hang, reset, status
from objects_to_apply import config_map, deployment

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import (
    ApiError,
    Cluster,
    Unreachable,
)

QUOTA = 'Operation cannot be fulfilled on resourcequotas "all": the object has been modified'


@pytest.mark.parametrize(
    "fault",
    [
        status(429, "TooManyRequests"),
        status(500, "InternalError"),
        status(503, "ServiceUnavailable"),
        status(504, "Timeout"),
        status(409, "Conflict", QUOTA),
        reset,
    ],
    ids=["429", "500", "503", "504", "409 of a quota", "reset in mid-body"],
)
def test_tries_again_what_passes(faulty: Engine, proxy: FaultProxy, fault: Fault) -> None:
    wanted = config_map(faulty.namespace)
    proxy.inject("PATCH", fault, fault)
    row = faulty.apply(wanted)[0]
    assert (row["action"], row["tries"]) == ("created", 3)
    assert proxy.count("PATCH") == 3
    assert faulty.live(wanted)


def test_waits_as_long_as_the_server_asks(faulty: Engine, proxy: FaultProxy) -> None:
    proxy.inject("PATCH", status(429, "TooManyRequests", Retry_After="1"))
    started = time.monotonic()
    faulty.apply(config_map(faulty.namespace))
    assert 1.0 <= time.monotonic() - started < 3.0


MISTAKES = [
    ({"replica": 3}, ".spec.replica: field not declared in schema"),
    ({"replicas": "many"}, ".spec.replicas: expected numeric (int or float), got string"),
    ({"paused": 1}, ".spec.paused: expected boolean, got 1"),
    ({"selector": []}, ".spec.selector: expected map, got []"),
    (
        {"template": {"spec": {"containers": [{"name": "c", "env": [{"name": "x"}, {"name": "x"}]}]}}},
        "duplicate entries",
    ),
    (
        {"template": {"spec": {"containers": [{"name": "c", "resources": {"limits": {"memory": "lots"}}}]}}},
        "quantities must match the regular expression",
    ),
]


@pytest.mark.parametrize(("spec", "why"), MISTAKES, ids=[why for _spec, why in MISTAKES])
@pytest.mark.parametrize("check", [False, True], ids=["", "in check mode"])
def test_a_mistake_in_an_object_is_told_at_once(engine: Engine, spec: dict[str, Any], why: str, check: bool) -> None:
    made = deployment(engine.namespace)
    with pytest.raises((SetFailed, ApiError)) as failure:
        engine.apply({**made, "spec": {**made["spec"], **spec}}, check=check)
    assert why in str(failure.value)
    assert "correct the template or definition" in str(failure.value)
    assert " tries)" not in str(failure.value)


@pytest.mark.parametrize("code", [403, 422, 400])
def test_does_not_repeat_what_would_be_refused_again(faulty: Engine, proxy: FaultProxy, code: int) -> None:
    proxy.inject("PATCH", status(code))
    with pytest.raises(SetFailed):
        faulty.apply(config_map(faulty.namespace))
    assert proxy.count("PATCH") == 1


def test_does_not_send_a_post_twice_when_its_answer_is_lost(faulty: Engine, proxy: FaultProxy) -> None:
    faulty.cluster.get("/version")
    proxy.inject("POST", reset)
    with pytest.raises(Unreachable):
        faulty.create(config_map(faulty.namespace))
    assert proxy.count("POST") == 1


def test_a_request_that_hangs_is_cut_off_while_others_go_on(faulty: Engine, proxy: FaultProxy) -> None:
    names = [f"settings-{number}" for number in range(6)]
    proxy.inject("PATCH /api/v1/namespaces/" + faulty.namespace + "/configmaps/settings-2", hang(20))
    started = time.monotonic()
    rows = faulty.apply(*(config_map(faulty.namespace, name) for name in names))
    assert time.monotonic() - started < 10
    assert {row["action"] for row in rows} == {"created"}


def test_a_failure_tells_the_tries_and_leaves_the_other_results(faulty: Engine, proxy: FaultProxy) -> None:
    proxy.inject("settings-1?", status(503, "ServiceUnavailable", Retry_After="1"), status(403, "Forbidden"))
    with pytest.raises(SetFailed, match=r"settings-1: 403 Forbidden.*\(after 2 tries\)") as failure:
        faulty.apply(config_map(faulty.namespace, "settings-1"), config_map(faulty.namespace, "settings-2"))
    assert [row["action"] for row in failure.value.result["objects"]] == ["failed", "created"]


def test_reads_the_token_again_when_it_has_expired(server: ApiServer, proxy: FaultProxy, engine: Engine) -> None:
    path = Path(server.kubeconfig_through(proxy.url, token="old-token"))
    cluster = Cluster(str(path))
    with pytest.raises(ApiError) as refused:
        cluster.get("/api/v1/namespaces/default")
    assert refused.value.status == 401
    path.write_text(path.read_text(encoding="utf-8").replace("old-token", "all-token"), encoding="utf-8")
    assert cluster.get("/api/v1/namespaces/default")


def test_refused_credentials_are_told_with_their_variable(server: ApiServer, proxy: FaultProxy) -> None:
    cluster = Cluster(server.kubeconfig_through(proxy.url, token="wrong"))
    with pytest.raises(ApiError, match=r"401 Unauthorized.*kubernetes_kubeconfig"):
        cluster.get("/api/v1/namespaces/default")
    assert proxy.count("GET") == 1


def test_a_missing_permission_names_who_lacks_it(server: ApiServer, engine: Engine) -> None:
    with (
        Engine(server, engine.namespace, context="looker") as looker,
        pytest.raises(ApiError, match=r'User "looker" cannot get.*kubernetes_context'),
    ):
        looker.plan(config_map(engine.namespace))


def test_an_unreachable_server_is_told_at_once(server: ApiServer) -> None:
    cluster = Cluster(server.kubeconfig_through("http://127.0.0.1:9"))
    started = time.monotonic()
    with pytest.raises(Unreachable, match="kubernetes_kubeconfig and kubernetes_context"):
        cluster.get("/version")
    assert time.monotonic() - started < 2


def test_a_server_of_another_authority_is_not_trusted(server: ApiServer) -> None:
    cluster = Cluster(server.kubeconfig_through(server.url))
    with pytest.raises(Unreachable, match="certificate"):
        cluster.get("/version")


def test_an_unknown_context_names_those_there_are(server: ApiServer) -> None:
    with pytest.raises(InvalidInput, match=r"kubernetes_context .*no context 'staging'.*all, looker"):
        Cluster(server.kubeconfig, "staging").get("/version")


def test_a_missing_kubeconfig_names_its_variable() -> None:
    with pytest.raises(InvalidInput, match=r"kubernetes_kubeconfig .*no kubeconfig at /nowhere"):
        Cluster("/nowhere").get("/version")
