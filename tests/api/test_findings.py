"""What foreign hands did to described objects: each found with its exact path and author, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map, deployment, everything, network_policy, secret, service

JSON = Any
Mutation = Callable[[Engine], Any]

CONTAINER = "spec.template.spec.containers[web]"


def _edit(manifest: Callable[[str], JSON], patch: JSON, manager: str = "kubectl-edit", subresource: str = "") -> Mutation:
    return lambda engine: engine.edit(manifest(engine.namespace), patch, manager, subresource)


def _strategic(patch: JSON, manager: str = "kubectl-patch") -> Mutation:
    return lambda engine: engine.edit_strategically(deployment(engine.namespace), patch, manager)


def _container(**fields: JSON) -> JSON:
    return {"spec": {"template": {"spec": {"containers": [{"name": "web", **fields}]}}}}


def _pod(**fields: JSON) -> JSON:
    return {"spec": {"template": {"spec": fields}}}


# name: what is done, the object's kind, state, path, author, expected and found
MUTATIONS: dict[str, tuple[Mutation, str, str, str, str, JSON, JSON]] = {
    "scaled": (
        _edit(deployment, {"spec": {"replicas": 3}}, "kubectl", "scale"),
        "Deployment", "changed", "spec.replicas", "kubectl", 1, 3,
    ),
    "another image": (
        _strategic(_container(image="example/web:2"), "kubectl-set"),
        "Deployment", "changed", f"{CONTAINER}.image", "kubectl-set", "example/web:1", "example/web:2",
    ),
    "another value of a variable": (
        _strategic(_container(env=[{"name": "PLAIN", "value": "other"}]), "kubectl-set"),
        "Deployment", "changed", f"{CONTAINER}.env[PLAIN].value", "kubectl-set", "shown", "other",
    ),
    "an added variable": (
        _strategic(_container(env=[{"name": "DEBUG", "value": "1"}]), "kubectl-set"),
        "Deployment", "extra", f"{CONTAINER}.env[DEBUG]", "kubectl-set", None, {"name": "DEBUG", "value": "1"},
    ),
    "an added secret variable": (
        _strategic(_container(env=[{"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}])),
        "Deployment", "extra", f"{CONTAINER}.env[API_TOKEN]", "kubectl-patch", None,
        {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}},
    ),
    "a removed variable": (
        _strategic(_container(env=[{"name": "PLAIN", "$patch": "delete"}])),
        "Deployment", "missing", f"{CONTAINER}.env[PLAIN]", "", {"name": "PLAIN", "value": "shown"}, None,
    ),
    "an added label": (
        _edit(deployment, {"metadata": {"labels": {"team": "x"}}}, "kubectl-label"),
        "Deployment", "extra", "metadata.labels.team", "kubectl-label", None, "x",
    ),
    "a changed label": (
        _edit(deployment, {"metadata": {"labels": {"app": "other"}}}, "kubectl-label"),
        "Deployment", "changed", "metadata.labels.app", "kubectl-label", "web", "other",
    ),
    "a removed label": (
        _edit(deployment, {"metadata": {"labels": {"app": None}}}, "kubectl-label"),
        "Deployment", "missing", "metadata.labels", "", {"app": "web"}, None,
    ),
    "an added annotation": (
        _edit(deployment, {"metadata": {"annotations": {"example.com/owner": "me"}}}, "kubectl-annotate"),
        "Deployment", "extra", "metadata.annotations", "kubectl-annotate", None, {"example.com/owner": "me"},
    ),
    "a pod's annotation": (
        _edit(deployment, {"spec": {"template": {"metadata": {"annotations": {"inject": "yes"}}}}}, "istio"),
        "Deployment", "extra", "spec.template.metadata.annotations", "istio", None, {"inject": "yes"},
    ),
    "a longer end": (
        _strategic(_pod(terminationGracePeriodSeconds=300)),
        "Deployment", "changed", "spec.template.spec.terminationGracePeriodSeconds", "kubectl-patch", 30, 300,
    ),
    "a node selector": (
        _strategic(_pod(nodeSelector={"disk": "fast"})),
        "Deployment", "extra", "spec.template.spec.nodeSelector", "kubectl-patch", None, {"disk": "fast"},
    ),
    "a sidecar": (
        _strategic({"spec": {"template": {"spec": {"containers": [{"name": "spy", "image": "spy:1"}]}}}}, "injector"),
        "Deployment", "extra", "spec.template.spec.containers[spy]", "injector", None, ...,
    ),
    "a host path": (
        _strategic(_pod(volumes=[{"name": "host", "hostPath": {"path": "/etc"}}])),
        "Deployment", "extra", "spec.template.spec.volumes[host]", "kubectl-patch", None, ...,
    ),
    "more memory": (
        _strategic(_container(resources={"requests": {"memory": "4Gi"}}), "kubectl-set"),
        "Deployment", "changed", f"{CONTAINER}.resources.requests.memory", "kubectl-set", "512Mi", "4Gi",
    ),
    "a limit": (
        _strategic(_container(resources={"limits": {"memory": "4Gi"}}), "kubectl-set"),
        "Deployment", "extra", f"{CONTAINER}.resources.limits", "kubectl-set", None, {"memory": "4Gi"},
    ),
    "a privileged container": (
        _strategic(_container(securityContext={"privileged": True})),
        "Deployment", "extra", f"{CONTAINER}.securityContext", "kubectl-patch", None, {"privileged": True},
    ),
    "a paused rollout": (
        _edit(deployment, {"spec": {"paused": True}}, "kubectl-rollout"),
        "Deployment", "extra", "spec.paused", "kubectl-rollout", None, True,
    ),
    "a deleted key": (
        _edit(config_map, {"data": {"key": None}}), "ConfigMap", "missing", "data", "", {"key": "value"}, None,
    ),
    "a changed key": (
        _edit(config_map, {"data": {"key": "other"}}),
        "ConfigMap", "changed", "data.key", "kubectl-edit", "value", "other",
    ),
    "an added key": (
        _edit(config_map, {"data": {"more": "m"}}), "ConfigMap", "extra", "data.more", "kubectl-edit", None, "m",
    ),
    "a frozen ConfigMap": (
        _edit(config_map, {"immutable": True}), "ConfigMap", "extra", "immutable", "kubectl-edit", None, True,
    ),
    "a changed Secret": (
        _edit(secret, {"data": {"password": "b3RoZXI="}}),
        "Secret", "changed", "data.password", "kubectl-edit", "(hidden", "(hidden",
    ),
    "an added key of a Secret": (
        _edit(secret, {"data": {"more": "b3RoZXI="}}),
        "Secret", "extra", "data.more", "kubectl-edit", None, "(hidden",
    ),
    "a retargeted Service": (
        _edit(service, {"spec": {"selector": {"app": "other"}}}, "kubectl-patch"),
        "Service", "changed", "spec.selector.app", "kubectl-patch", "web", "other",
    ),
    "an added port": (
        _edit(service, {"spec": {"ports": [{"name": "http", "port": 80, "targetPort": "http"}, {"name": "b", "port": 81}]}}),
        "Service", "extra", "spec.ports[b]", "kubectl-edit", None, ...,
    ),
    "an external address": (
        _edit(service, {"spec": {"externalIPs": ["192.0.2.1"]}}),
        "Service", "extra", "spec.externalIPs", "kubectl-edit", None, ["192.0.2.1"],
    ),
    "a sticky Service": (
        _edit(service, {"spec": {"sessionAffinity": "ClientIP"}}),
        "Service", "changed", "spec.sessionAffinity", "kubectl-edit", "None", "ClientIP",
    ),
    "an opened policy": (
        _edit(network_policy, {"spec": {"ingress": [{}]}}),
        "NetworkPolicy", "changed", "spec.ingress", "kubectl-edit", ..., ...,
    ),
    "another way out": (
        _edit(network_policy, {"spec": {"policyTypes": ["Ingress", "Egress"]}}),
        "NetworkPolicy", "changed", "spec.policyTypes", "kubectl-edit", ["Ingress"], ["Ingress", "Egress"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_found_with_its_path_and_author_and_nothing_else(engine: Engine, name: str) -> None:
    mutate, kind, state, path, author, expected, found = MUTATIONS[name]
    described = everything(engine.namespace)
    engine.apply(*described)
    mutate(engine)
    [finding] = engine.look(*described)
    assert finding["ref"].split()[0] == kind
    assert (finding["state"], finding["path"], finding["manager"]) == (state, path, author)
    assert bool(finding["time"]) == bool(author)
    for value, wanted in ((finding["expected"], expected), (finding["found"], found)):
        if wanted == "(hidden":
            assert str(value).startswith("(hidden")
        elif wanted is not ...:
            assert value == wanted
