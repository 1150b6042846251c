"""What foreign hands did to described objects: each found with its exact path and author, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from engine import Engine
from fault_proxy import FaultProxy, status
from objects_to_apply import config_map, deployment, everything, network_policy, secret, service

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed

JSON = Any
Mutation = Callable[[Engine], Any]

HTTP = {"name": "http", "port": 80, "targetPort": "http"}
CONTAINER = "spec.template.spec.containers[web]"


def _edit(
    manifest: Callable[[str], JSON], patch: JSON, manager: str = "kubectl-edit", subresource: str = ""
) -> Mutation:
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
    "a container run as root": (
        _strategic(_container(securityContext={"runAsUser": 0})),
        "Deployment", "extra", f"{CONTAINER}.securityContext", "kubectl-patch", None, {"runAsUser": 0},
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
        _edit(service, {"spec": {"ports": [HTTP, {"name": "b", "port": 81}]}}),
        "Service", "extra", "spec.ports[b]", "kubectl-edit", None, ...,
    ),
    "a Service for pods that are not ready": (
        _edit(service, {"spec": {"publishNotReadyAddresses": True}}),
        "Service", "extra", "spec.publishNotReadyAddresses", "kubectl-edit", None, True,
    ),
    "a Service within the node": (
        _edit(service, {"spec": {"internalTrafficPolicy": "Local"}}),
        "Service", "changed", "spec.internalTrafficPolicy", "kubectl-edit", "Cluster", "Local",
    ),
    "a policy for every port": (
        _edit(network_policy, {"spec": {"ingress": [{"from": [{"podSelector": {}}]}]}}),
        "NetworkPolicy", "missing", "spec.ingress[0].ports", "kubectl-edit", [{"port": 80, "protocol": "TCP"}], None,
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
    findings = engine.look(*described)
    assert len(findings) == 1, findings
    [finding] = findings
    assert finding["ref"].split()[0] == kind
    assert (finding["state"], finding["path"], finding["manager"]) == (state, path, author)
    # A scale subresource's entry has no time; what is gone has no author.
    assert bool(finding["time"]) == bool(author and author != "kubectl")
    for value, wanted in ((finding["expected"], expected), (finding["found"], found)):
        if wanted == "(hidden":
            assert str(value).startswith("(hidden")
        elif wanted is not ...:
            assert value == wanted


def _hands_of_controllers(engine: Engine) -> None:
    target = deployment(engine.namespace)
    engine.edit(target, {"spec": {"replicas": 4}}, "kube-controller-manager", "scale")
    engine.edit(
        target, {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "7"}}}, "kube-controller-manager"
    )
    engine.edit(target, {"status": {"observedGeneration": 1, "replicas": 4}}, "kube-controller-manager", "status")


def _rollout_restart(engine: Engine) -> None:
    stamp = {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}
    patch = {"spec": {"template": {"metadata": {"annotations": stamp}}}}
    engine.edit(deployment(engine.namespace), patch, "kubectl-rollout")


def _there_and_back(engine: Engine) -> None:
    for replicas in (3, 1):
        engine.edit(deployment(engine.namespace), {"spec": {"replicas": replicas}}, "kubectl", "scale")


@pytest.mark.parametrize(
    "act", [_hands_of_controllers, _rollout_restart, _there_and_back], ids=lambda act: act.__name__
)
def test_controllers_a_restart_and_what_was_put_back_are_no_drift(engine: Engine, act: Mutation) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    act(engine)
    assert engine.look(*described) == []


def test_what_the_server_filled_in_for_another_maker_is_no_drift(engine: Engine) -> None:
    described = everything(engine.namespace)
    for manifest in described:
        engine.create(manifest, "kubectl-create")  # so that kubectl-create holds every default
    engine.apply(*described, force=("*",))
    assert engine.look(*described) == []


def test_a_deleted_object_is_missing(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.delete(service(engine.namespace))
    assert [(each["ref"], each["state"], each["path"]) for each in engine.look(*described)] == [
        (f"Service {engine.namespace}/web", "missing", "")
    ]


def test_a_look_writes_nothing(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    for name, (mutate, *_rest) in MUTATIONS.items():
        if name != "a frozen ConfigMap":  # nobody could change it back, so there is nothing to predict
            mutate(engine)
    before = {str(manifest["kind"]): engine.live(manifest) for manifest in described}
    assert len(engine.look(*described)) > 20
    assert {str(manifest["kind"]): engine.live(manifest) for manifest in described} == before


def _inventory(engine: Engine) -> str:
    return f"{engine.namespace}/inventory"


def test_an_object_nobody_described_is_extra_with_its_maker(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described, inventory=_inventory(engine))
    engine.create(config_map(engine.namespace, "stranger"), "kubectl-create")
    [finding] = engine.look(*described, inventory=_inventory(engine))
    assert (finding["ref"], finding["state"]) == (f"ConfigMap {engine.namespace}/stranger", "extra")
    assert finding["manager"] == "kubectl-create"


def test_an_object_that_cannot_be_read_is_told_and_is_no_stranger(
    engine: Engine, faulty: Engine, proxy: FaultProxy
) -> None:
    described = everything(engine.namespace)
    engine.apply(*described, inventory=_inventory(engine))
    engine.edit(service(engine.namespace), {"metadata": {"labels": {"team": "x"}}}, "kubectl-label")
    hidden = secret(engine.namespace)["metadata"]["name"]
    proxy.always(f"/secrets/{hidden}", status(403, "Forbidden"))
    with pytest.raises(SetFailed) as failure:
        faulty.look(*described, inventory=_inventory(engine))
    rows = failure.value.result["objects"]
    assert [row["ref"] for row in rows if row["action"] == "failed"] == [f"Secret {engine.namespace}/{hidden}"]
    found = [(row["ref"], each["path"]) for row in rows for each in row.get("findings") or []]
    assert found == [(f"Service {engine.namespace}/web", "metadata.labels")]


def test_what_is_owned_by_controllers_or_lies_in_shared_namespaces_is_no_stranger(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described, inventory=_inventory(engine))
    uid = engine.live(deployment(engine.namespace))["metadata"]["uid"]
    owned = config_map(engine.namespace, "owned")
    owned["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": uid}]
    engine.create(owned)
    engine.create(config_map(engine.namespace, "kube-root-ca.crt"), "kube-controller-manager")
    assert engine.look(*described, inventory=_inventory(engine)) == []
    engine.create(config_map(engine.namespace, "users"), "somebody")
    assert engine.look(*described, inventory=_inventory(engine), shared=[engine.namespace]) == []


def test_a_lost_inventory_is_a_finding(engine: Engine) -> None:
    described = everything(engine.namespace)
    engine.apply(*described, inventory=_inventory(engine))
    engine.delete(config_map(engine.namespace, "inventory"))
    [finding] = engine.look(*described, inventory=_inventory(engine))
    assert (finding["ref"], finding["state"]) == (f"ConfigMap {engine.namespace}/inventory", "missing")


def test_a_generated_value_that_somebody_set_is_found_without_being_shown(engine: Engine) -> None:
    generated = secret(engine.namespace, "made", {"tracking.mlops/generate": "password=20"})
    engine.apply(generated)
    engine.edit(generated, {"data": {"password": "Y2FuYXJ5LXNldA=="}}, "kubectl-edit")
    [finding] = engine.look(generated)
    assert (finding["path"], finding["manager"]) == ("data.password", "kubectl-edit")
    assert "canary" not in str(finding)
    assert "Y2FuYXJ5" not in str(finding)
