"""Faults that do not pass: told at once with object, tries and last answer; every other object's row is there."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from api_server import ApiServer
from engine import Engine
from fault_proxy import FaultProxy, break_off, damage, hang, page, status
from faults import SIBLINGS, actions, assert_nothing_left_to_do, failure_of, made_so, row_of, run_manifests, some_set
from objects_to_apply import config_map, namespace, secret, service, widget, widget_definition
from test_leaving import finalize

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

FORBIDDEN = 'configmaps "settings-2" is forbidden: User "deployer" cannot patch resource "configmaps"'
OTHERS = {f"ConfigMap settings-{number}": "created" for number in range(SIBLINGS) if number != 2}


def assert_only_one_failed(failure: SetFailed, name: str = "ConfigMap settings-2") -> None:
    """The others of its stage were made, the next stage was not begun."""
    told = actions(failure)
    assert told.pop(name) == "failed"
    assert told.pop("Deployment web") == "not tried"
    assert told.pop("ConfigMap inventory", "created") == "created"
    assert set(told.values()) == {"created"}
    assert len(told) >= SIBLINGS
    assert failure.result["changed"]
    assert "1 of " in str(failure)


def with_inventory(engine: Engine, *objects: JSON) -> SetFailed:
    wanted = objects or some_set(engine.namespace)
    return failure_of(engine.plan(*wanted, inventory=f"{engine.namespace}/inventory"))


@pytest.fixture
def impatient(engine: Engine, proxy: FaultProxy, server: ApiServer) -> Iterator[Engine]:
    """The engine through the proxy, with little time for trying again."""
    cluster = Cluster(server.kubeconfig_through(proxy.url), request_timeout=1, retry_timeout=2)
    with Engine(server, engine.namespace, cluster=cluster) as through:
        yield through


@pytest.mark.parametrize(
    ("code", "reason", "message"),
    [(403, "Forbidden", FORBIDDEN), (422, "Invalid", "data: Invalid value"), (400, "BadRequest", "unknown field")],
)
def test_a_refusal_in_the_middle_of_a_set_stops_no_other_object_and_is_not_repeated(
    faulty: Engine, proxy: FaultProxy, code: int, reason: str, message: str
) -> None:
    proxy.inject("settings-2?", status(code, reason, message))
    failure = with_inventory(faulty)
    assert_only_one_failed(failure)
    row = row_of(failure, "ConfigMap settings-2")
    assert row["tries"] == 1
    assert f"settings-2: {code} {reason}: {message}" in row["error"]
    assert proxy.count("PATCH /api/v1/namespaces/" + faulty.namespace + "/configmaps/settings-2") == 1
    made_so(faulty)
    assert_nothing_left_to_do(faulty)


@pytest.mark.parametrize(
    ("fault", "last"),
    [
        (status(503, "ServiceUnavailable", "try later"), "503 ServiceUnavailable: try later"),
        (status(429, "TooManyRequests", "slow down", Retry_After="0"), "429 TooManyRequests: slow down"),
        (break_off, "the connection broke"),
        (damage, "the Kubernetes API server's answer is damaged"),
        (page(502), "something else answers in its place: 502 with text/html (Sign in Who are you?)"),
        (hang(5), "no answer within 1 s (option request_timeout)"),
    ],
    ids=["503", "429", "reset", "damaged", "page", "hang"],
)
def test_what_fails_for_one_object_for_good_is_told_with_its_tries_and_last_answer(
    impatient: Engine, proxy: FaultProxy, fault: Any, last: str
) -> None:
    proxy.always("settings-2?", fault)
    failure = with_inventory(impatient)
    assert_only_one_failed(failure)
    row = row_of(failure, "ConfigMap settings-2")
    assert row["tries"] >= 2
    assert last.lower() in row["error"].lower()
    assert f"(after {row['tries']} tries)" in row["error"]
    proxy.end_faults()
    made_so(impatient)
    assert_nothing_left_to_do(impatient)


def test_a_conflict_of_field_managers_is_not_repeated_and_names_the_mend(engine: Engine) -> None:
    engine.create(config_map(engine.namespace, "settings-2", key="theirs"), manager="somebody")
    mark = engine.audit_mark()
    with pytest.raises(SetFailed, match=r"settings-2: conflict: data\.key .*somebody.*force_conflicts"):
        made_so(engine)
    assert engine.server.writes_since(mark) == []
    dry_runs = [event for event in engine.server.audit()[mark:] if "dryRun=All" in event["requestURI"]]
    assert len(dry_runs) == 1


def denial(engine: Engine, **validation: str) -> list[JSON]:
    """A policy for the test's namespace that this server keeps."""
    group = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": engine.namespace}}
    here = {"matchLabels": {"kubernetes.io/metadata.name": engine.namespace}}
    kinds = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["secrets"]}]
    spec = {"matchConstraints": {"resourceRules": kinds}, "validations": [validation]}
    binding = {
        "policyName": engine.namespace,
        "validationActions": ["Deny"],
        "matchResources": {"namespaceSelector": here},
    }
    return [
        {**group, "kind": "ValidatingAdmissionPolicy", "spec": spec},
        {**group, "kind": "ValidatingAdmissionPolicyBinding", "spec": binding},
    ]


def until_refused(ask: Callable[[], None]) -> SetFailed:
    """A policy counts a moment after it is made."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            ask()
        except SetFailed as failure:
            return failure
        time.sleep(0.2)
    raise AssertionError("never refused")


def test_a_denial_is_told_in_its_own_words_without_secrets_and_not_repeated(engine: Engine) -> None:
    hidden = base64.b64encode(b"canary-denied").decode()
    expression = "'the value ' + object.data.password + ' is too well known'"
    for each in denial(engine, expression="!has(object.data.password)", messageExpression=expression):
        engine.create(each)
    probe = secret(engine.namespace, "probe", password="canary-probe")
    until_refused(lambda: engine.plan(probe, check=True) and None)
    wanted = [config_map(engine.namespace), secret(engine.namespace, password="canary-denied")]
    mark = engine.audit_mark()
    failure = failure_of(engine.plan(*wanted))
    assert actions(failure) == {"ConfigMap settings": "created", "Secret credentials": "failed"}
    row = row_of(failure, "Secret credentials")
    assert "is too well known" in row["error"]
    assert hidden not in str(failure.result)
    assert "canary-denied" not in str(failure.result)
    assert hidden not in str(failure)
    assert len([each for each in engine.server.writes_since(mark) if "/secrets/" in each]) == 1


def test_a_webhook_that_nobody_answers_for_is_tried_again_and_then_named(
    server: ApiServer, engine: Engine, proxy: FaultProxy
) -> None:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["services"]}
    one = {
        "name": "hook.example.org",
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": "https://127.0.0.1:9/hook"},
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": engine.namespace}},
        "timeoutSeconds": 1,
    }
    hook = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": engine.namespace},
        "webhooks": [one],
    }
    engine.create(hook)
    cluster = Cluster(server.kubeconfig_through(proxy.url), retry_timeout=1)
    with Engine(server, engine.namespace, cluster=cluster) as impatient:
        probe = service(engine.namespace, "probe")
        until_refused(lambda: impatient.plan(probe, check=True) and None)
        failure = with_inventory(impatient)
        assert_only_one_failed(failure, "Service web")
        row = row_of(failure, "Service web")
        assert row["tries"] >= 2
        assert 'failed calling webhook "hook.example.org"' in row["error"]
    engine.delete(hook)


def test_who_may_not_write_is_told_so_by_the_prediction(server: ApiServer, engine: Engine) -> None:
    objects = [config_map(engine.namespace, f"settings-{number}") for number in range(3)]
    engine.apply(*objects)
    allow(engine, "get", "list")
    with Engine(server, engine.namespace, "looker") as looker:
        assert not looker.plan(*objects).is_change  # what need not be written needs no permission to write
        changed = [config_map(engine.namespace, f"settings-{number}", key="other") for number in range(3)]
        with pytest.raises(SetFailed) as failure:
            looker.plan(*changed, check=True)
    told = str(failure.value)
    assert "nothing was written" in told
    assert 'User "looker" cannot patch resource "configmaps"' in told
    assert set(actions(failure.value).values()) == {"failed"}


def allow(engine: Engine, *verbs: str) -> None:
    """Lets user `looker` do this to the ConfigMaps of the test's namespace."""
    engine.allow_looker(verbs, ["configmaps"])


def test_a_value_that_the_server_refuses_is_told_with_its_field(engine: Engine) -> None:
    broken = service(engine.namespace, "broken")
    broken["spec"]["ports"][0]["port"] = 70000
    failure = with_inventory(engine, *some_set(engine.namespace), broken)
    assert_only_one_failed(failure, "Service broken")
    assert "spec.ports[0].port: Invalid value: 70000" in row_of(failure, "Service broken")["error"]


def test_a_namespace_that_goes_between_prediction_and_write_is_named(engine: Engine) -> None:
    where = f"{engine.namespace}-short"
    engine.create(namespace(where))
    objects = [config_map(where), config_map(engine.namespace)]
    planned = engine.plan(*objects)
    engine.delete(namespace(where))
    finalize(engine, where)
    engine.wait_gone(namespace(where))
    failure = failure_of(planned)
    assert [row["action"] for row in failure.result["objects"]] == ["failed", "created"]
    assert f"404 NotFound: there is no namespace {where}. Describe it" in failure.result["objects"][0]["error"]
    assert {row["action"] for row in engine.apply(namespace(where), *objects)} == {"created", "unchanged"}


def test_a_kind_that_goes_between_prediction_and_write_is_named(engine: Engine) -> None:
    group = f"{engine.namespace}.example.org"
    definition = widget_definition(group)
    engine.apply(definition, seconds=20)
    planned = engine.plan(widget(group, engine.namespace), config_map(engine.namespace))
    engine.delete(definition)
    engine.wait_gone(definition)
    failure = failure_of(planned)
    assert actions(failure) == {"Widget first": "failed", "ConfigMap settings": "created"}
    story = row_of(failure, "Widget first")["error"]
    assert f"404 Not Found: the cluster does not serve Widget in {group}/v1, or no longer." in story
    both = engine.apply(definition, widget(group, engine.namespace), config_map(engine.namespace), seconds=20)
    assert [row["action"] for row in both] == ["created", "created", "unchanged"]


def test_the_module_itself_returns_every_row_of_a_set_that_failed(faulty: Engine, proxy: FaultProxy) -> None:
    proxy.inject("settings-2?", status(503, "ServiceUnavailable"), status(403, "Forbidden", FORBIDDEN))
    returned = run_manifests(str(faulty.cluster.kubeconfig), *some_set(faulty.namespace))
    assert returned["failed"]
    assert returned["changed"]
    rows = {row["ref"].rpartition("/")[2]: row for row in returned["objects"]}
    assert rows["settings-2"]["tries"] == 2
    assert rows["settings-2"]["error"] in returned["msg"]
    assert (rows["settings-1"]["action"], rows["web"]["action"]) == ("created", "not tried")
    assert "canary-password" not in str(returned)


def test_a_set_that_cannot_be_read_has_every_row_too(faulty: Engine, proxy: FaultProxy) -> None:
    proxy.inject(
        "/configmaps", status(403, "Forbidden", "may not list"), *[status(403, "Forbidden", "may not get")] * 9
    )
    returned = run_manifests(str(faulty.cluster.kubeconfig), *some_set(faulty.namespace))
    assert "may not get" in returned["msg"]
    assert not returned["changed"]
    rows = {row["ref"].partition(" ")[0]: row["action"] for row in returned["objects"]}
    assert rows == {"ConfigMap": "failed", "Secret": "not tried", "Service": "not tried", "Deployment": "not tried"}
