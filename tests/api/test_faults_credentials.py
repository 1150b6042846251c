"""Credentials that expire, are renewed, are refused for good, or name somebody else to act as."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_server import ApiServer
from engine import Engine
from fault_proxy import FaultProxy, status
from faults import actions, assert_nothing_left_to_do, failure_of, made_so, run_manifests, some_set
from objects_to_apply import config_map
from test_faults_refused import allow

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster

JSON = Any
Connect = Callable[..., Engine]

# Prints a token and says until when; writes down that it ran. What it prints is in a file, so that a test renews it.
PROGRAM = """
import pathlib, sys
folder = pathlib.Path(sys.argv[1])
with (folder / "runs").open("a") as runs:
    runs.write("run\\n")
print((folder / "printed").read_text())
"""


class Program:
    """A program of the kubeconfig that prints credentials."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "program.py").write_text(PROGRAM, encoding="utf-8")

    @property
    def runs(self) -> int:
        return len((self.folder / "runs").read_text(encoding="utf-8").splitlines())

    def prints(self, until: str = "", **credentials: str) -> None:
        status = {**credentials, **({"expirationTimestamp": until} if until else {})}
        printed = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
        (self.folder / "printed").write_text(json.dumps(printed), encoding="utf-8")

    @property
    def user(self) -> JSON:
        arguments = [str(self.folder / "program.py"), str(self.folder)]
        about = {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never"}
        return {"exec": {**about, "command": sys.executable, "args": arguments}}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def connect(server: ApiServer, engine: Engine, proxy: FaultProxy, tmp_path: Path) -> Connect:
    """The engine through the proxy, as that user of a kubeconfig."""

    def connected(user: JSON) -> Engine:
        path = tmp_path / "kubeconfig"
        content = {
            "current-context": "one",
            "clusters": [{"name": "one", "cluster": {"server": proxy.url}}],
            "users": [{"name": "one", "user": user}],
            "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
        }
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return Engine(server, engine.namespace, cluster=Cluster(str(path)))

    return connected


def test_a_token_file_that_is_renewed_is_read_before_anything_is_refused(
    connect: Connect, tmp_path: Path, proxy: FaultProxy
) -> None:
    (tmp_path / "token").write_text("all-token\n", encoding="utf-8")
    engine = connect({"tokenFile": "token"})
    planned = engine.plan(*some_set(engine.namespace))
    (tmp_path / "token").write_text("other-token\n", encoding="utf-8")
    proxy.revoke("all-token")
    assert {row.action.value for row in planned.carry_out().rows} == {"created"}
    assert proxy.refused == 0


@pytest.mark.parametrize("content", ["", None], ids=["empty", "missing"])
def test_a_token_file_that_gives_none_is_named(connect: Connect, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "token").write_text(content, encoding="utf-8")
    engine = connect({"tokenFile": "token"})
    with pytest.raises(TrackingError, match=r"kubernetes_kubeconfig.*tokenFile of context one.*token"):
        engine.plan(config_map(engine.namespace))


def test_a_program_is_asked_once_for_all_threads(connect: Connect, program: Program) -> None:
    program.prints(token="all-token")
    engine = connect(program.user)
    made_so(engine)
    assert program.runs == 1
    assert_nothing_left_to_do(engine)


def test_a_token_that_expires_in_mid_run_is_asked_for_again_once(connect: Connect, program: Program) -> None:
    program.prints(token="expired-token", until="2020-01-01T00:00:00Z")
    engine = connect(program.user)
    with pytest.raises(ApiError, match="401"):
        engine.plan(config_map(engine.namespace))
    program.prints(token="all-token", until="2099-01-01T00:00:00Z")
    before = program.runs
    made_so(engine)
    assert program.runs == before + 1


def test_a_token_that_is_revoked_in_mid_run_is_asked_for_again_once(
    connect: Connect, program: Program, proxy: FaultProxy
) -> None:
    program.prints(token="all-token")
    engine = connect(program.user)
    planned = engine.plan(*some_set(engine.namespace), inventory=f"{engine.namespace}/inventory")
    program.prints(token="other-token")
    proxy.revoke("all-token")
    assert {row.action.value for row in planned.carry_out().rows} == {"created"}
    assert program.runs == 2
    assert_nothing_left_to_do(engine)


def test_a_token_that_is_refused_for_good_is_told_once_for_all_objects(
    connect: Connect, program: Program, proxy: FaultProxy
) -> None:
    program.prints(token="all-token")
    engine = connect(program.user)
    planned = engine.plan(*some_set(engine.namespace))
    proxy.revoke("all-token")
    failure = failure_of(planned)
    assert program.runs == 2
    assert str(failure).count("401 Unauthorized") == 1
    assert str(failure).count("kubernetes_kubeconfig") == 1
    assert "and 1 more: 401 Unauthorized" in str(failure)
    assert set(actions(failure).values()) == {"failed", "not tried"}
    assert all(row["tries"] <= 2 for row in failure.result["objects"])


def test_a_program_that_stops_giving_tokens_says_why(connect: Connect, program: Program, proxy: FaultProxy) -> None:
    program.prints(token="all-token")
    engine = connect(program.user)
    planned = engine.plan(*some_set(engine.namespace))
    (program.folder / "printed").unlink()
    proxy.revoke("all-token")
    failure = failure_of(planned)
    assert "context one" in str(failure)
    assert "gives no credentials" in str(failure)
    assert "No such file or directory" in str(failure)


def test_a_client_certificate_that_is_rotated_on_disk_is_read_again(
    server: ApiServer, engine: Engine, tmp_path: Path
) -> None:
    user = {"client-certificate": str(tmp_path / "one.crt"), "client-key": str(tmp_path / "one.key")}
    server.clients.write(tmp_path / "one", "tester", "system:masters", valid_seconds=-60)
    path = tmp_path / "kubeconfig"
    content = yaml.safe_load(Path(server.kubeconfig).read_text(encoding="utf-8"))
    content["users"].append({"name": "rotated", "user": user})
    content["contexts"].append({"name": "rotated", "context": {"cluster": "tests", "user": "rotated"}})
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with Engine(server, engine.namespace, cluster=Cluster(str(path), "rotated")) as rotated:
        with pytest.raises(ApiError, match="401"):
            rotated.plan(config_map(engine.namespace))
        server.clients.write(tmp_path / "one", "tester", "system:masters", valid_seconds=3600)
        made_so(rotated)
        assert_nothing_left_to_do(rotated)


def test_acts_as_whom_the_kubeconfig_names(connect: Connect, engine: Engine) -> None:
    allow(engine, "get", "list", "create", "patch")
    user = {
        "token": "all-token",
        "as": "looker",
        "as-uid": "1234",
        "as-groups": ["testers", "readers"],
        "as-user-extra": {"Reason/Why": ["one", "two"]},
    }
    somebody = connect(user)
    mark = engine.audit_mark()
    assert [row["action"] for row in somebody.apply(config_map(engine.namespace))] == ["created"]
    written = [event for event in engine.server.audit()[mark:] if event["verb"] == "patch"]
    assert [event["impersonatedUser"] for event in written] == [
        {
            "username": "looker",
            "uid": "1234",
            "groups": ["testers", "readers", "system:authenticated"],
            "extra": {"reason/why": ["one", "two"]},
        }
    ]


def test_who_may_not_act_as_another_is_told_so(connect: Connect, engine: Engine) -> None:
    somebody = connect({"token": "looker-token", "as": "tester"})
    with pytest.raises(ApiError, match=r'403 Forbidden.*"looker" cannot impersonate resource "users"'):
        somebody.plan(config_map(engine.namespace))


def test_a_program_and_another_to_act_as_go_together(connect: Connect, program: Program, engine: Engine) -> None:
    allow(engine, "get", "list")
    program.prints(token="all-token")
    somebody = connect({**program.user, "as": "looker"})
    with pytest.raises(TrackingError, match='"looker" cannot patch'):
        somebody.plan(config_map(engine.namespace), check=True)


def test_the_module_itself_renews_a_revoked_token(connect: Connect, program: Program, proxy: FaultProxy) -> None:
    program.prints(token="all-token")
    engine = connect(program.user)

    def renewed(handler: Any) -> None:
        program.prints(token="other-token")
        proxy.revoke("all-token")
        status(401, "Unauthorized", "Unauthorized")(handler)

    proxy.inject("settings-2?", renewed)
    returned = run_manifests(str(engine.cluster.kubeconfig), *some_set(engine.namespace))
    assert {row["action"] for row in returned["objects"]} == {"created"}
    assert program.runs == 2


def test_no_token_is_told_in_any_failure(connect: Connect, program: Program, proxy: FaultProxy) -> None:
    program.prints(token="canary-token")
    engine = connect(program.user)
    returned = run_manifests(str(engine.cluster.kubeconfig), *some_set(engine.namespace))
    assert returned["failed"]
    assert "canary-token" not in json.dumps(returned)
    assert base64.b64encode(b"canary-token").decode() not in json.dumps(returned)
