"""What the API server writes in its own form, or adds, is no change: a second run is unchanged and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from engine import Engine, documents
from objects_to_apply import claim, config_map, deployment, network_policy, secret, service

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import look_closely
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import parse

JSON = Any


def stateful_set(namespace: str) -> JSON:
    spec = deployment(namespace)["spec"]
    template = {"metadata": {"name": "data"}, "spec": claim(namespace)["spec"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {**spec, "serviceName": "web", "volumeClaimTemplates": [template]},
    }


def role_binding(namespace: str) -> JSON:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "web", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"},
        "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": namespace}, {"kind": "User", "name": "me"}],
    }


def with_pod(namespace: str, **pod: JSON) -> JSON:
    body = deployment(namespace)
    body["spec"]["template"]["spec"] |= pod
    return body


def with_container(namespace: str, **container: JSON) -> JSON:
    body = deployment(namespace)
    body["spec"]["template"]["spec"]["containers"][0] |= container
    return body


SENTENCES: dict[str, Callable[[str], JSON]] = {
    "a quantity in another spelling": deployment,
    "a whole number as a quantity": lambda name: with_container(name, resources={"limits": {"cpu": 2}}),
    "a size in Mi that makes whole Gi": claim,
    "stringData of a Secret": lambda name: secret(name, password="canary-password"),
    "a port without its protocol": service,
    "ports of a network policy without their protocol": network_policy,
    "templates of claims": stateful_set,
    "subjects without their group": role_binding,
    "an empty list of items": lambda name: with_pod(name, initContainers=[], imagePullSecrets=[]),
    "an empty list of values": lambda name: with_container(name, args=[]),
    "an empty mapping": lambda name: with_pod(name, nodeSelector={}, securityContext={}),
    "no value": lambda name: with_container(name, command=None),
    "an empty text": lambda name: with_container(name, env=[{"name": "EMPTY", "value": ""}]),
    "data without keys": lambda name: {**config_map(name), "data": {}},
    "data that is null": lambda name: {**config_map(name), "data": None},
}


@pytest.fixture(params=SENTENCES.values(), ids=[each.replace(" ", "_") for each in SENTENCES])
def applied(request: pytest.FixtureRequest, engine: Engine) -> JSON:
    """A manifest that was applied once."""
    body = request.param(engine.namespace)
    engine.apply(body)
    return body


def test_a_second_run_is_unchanged_and_writes_nothing(engine: Engine, applied: JSON) -> None:
    mark = engine.audit_mark()
    assert [row["action"] for row in engine.apply(applied)] == ["unchanged"]
    assert engine.server.writes_since(mark) == []


def test_a_second_run_needs_no_dry_run(engine: Engine, applied: JSON) -> None:
    mark = engine.audit_mark()
    engine.apply(applied)
    assert "patch" not in [event["verb"] for event in engine.server.audit()[mark:]]


def test_a_write_is_followed_by_no_question_whether_it_stays(engine: Engine) -> None:
    objects = [each(engine.namespace) for each in (config_map, service, deployment)]
    mark = engine.audit_mark()
    engine.apply(*objects)
    assert [event["verb"] for event in engine.server.audit()[mark:]].count("patch") == len(objects)


def test_a_dry_run_agrees_that_nothing_would_change(engine: Engine, applied: JSON) -> None:
    (manifest,) = parse(documents(applied))
    assert look_closely(engine.cluster, engine.resources, manifest, engine.live(applied), Applying()).changes == []


def test_a_certificate_authority_that_was_injected_is_no_change(engine: Engine) -> None:
    rule = {"apiGroups": ["example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"]}
    one = {"name": "hook.example.org", "rules": [rule], "sideEffects": "None", "admissionReviewVersions": ["v1"]}
    client = {"service": {"name": "hook", "namespace": engine.namespace}}
    body = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": engine.namespace},
        "webhooks": [{**one, "clientConfig": client}],
    }
    engine.apply(body)
    patch = {"webhooks": [{"name": "hook.example.org", "clientConfig": {"caBundle": "Zmlyc3Q="}}]}
    engine.edit_strategically(body, patch, manager="cainjector")
    assert [row["action"] for row in engine.apply(body)] == ["unchanged"]


def test_another_number_is_a_change_though_it_is_spelled_alike(engine: Engine) -> None:
    engine.apply(with_container(engine.namespace, resources={"limits": {"cpu": "1000m"}}))
    rows = engine.apply(with_container(engine.namespace, resources={"limits": {"cpu": "1001m"}}))
    assert [row["changes"] for row in rows] == [["spec.template.spec.containers[web].resources.limits.cpu"]]
