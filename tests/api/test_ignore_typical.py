"""What others write into our objects every day stays, and nothing is written for it a second time."""

from __future__ import annotations

from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map, deployment, service

JSON = Any

RESTARTED = "kubectl.kubernetes.io/restartedAt"


def assert_settled(engine: Engine, *objects: JSON, ignore: list[JSON]) -> None:
    """At most one write gives fields up; check mode tells it, and the run after it writes nothing."""
    predicted = [row.as_json() for row in engine.plan(*objects, check=True, ignore=ignore).rows]
    rows = engine.apply(*objects, ignore=ignore)
    assert [(row["action"], row["changes"]) for row in predicted] == [(row["action"], row["changes"]) for row in rows]
    mark = engine.audit_mark()
    assert {row["action"] for row in engine.apply(*objects, ignore=ignore)} == {"unchanged"}
    assert engine.server.writes_since(mark) == []


def container(engine: Engine, name: str = "web") -> JSON:
    containers = engine.live(deployment(engine.namespace))["spec"]["template"]["spec"]["containers"]
    return next((each for each in containers if each["name"] == name), None)


def webhook(engine: Engine, authority: str = "") -> JSON:
    client = {
        "service": {"name": "hook", "namespace": engine.namespace},
        **({"caBundle": authority} if authority else {}),
    }
    rule = {"apiGroups": ["example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"]}
    one = {"name": "hook.example.org", "clientConfig": client, "rules": [rule], "sideEffects": "None"}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": engine.namespace},
        "webhooks": [{**one, "admissionReviewVersions": ["v1"]}],
    }


def test_the_annotation_of_a_rollout_restart_stays(engine: Engine) -> None:
    wanted = deployment(engine.namespace)
    wanted["spec"]["template"]["metadata"]["annotations"] = {RESTARTED: "at first"}
    engine.apply(wanted)
    patch = {"spec": {"template": {"metadata": {"annotations": {RESTARTED: "later"}}}}}
    engine.edit_strategically(wanted, patch, manager="kubectl-rollout")
    pointer = f"/spec/template/metadata/annotations/{RESTARTED.replace('/', '~1')}"
    assert_settled(engine, wanted, ignore=[{"pointers": [pointer]}])
    assert engine.live(wanted)["spec"]["template"]["metadata"]["annotations"] == {RESTARTED: "later"}


def test_a_certificate_authority_injected_into_a_webhook_stays(engine: Engine) -> None:
    engine.apply(webhook(engine, "Zmlyc3Q="))
    patch = {"webhooks": [{"name": "hook.example.org", "clientConfig": {"caBundle": "c2Vjb25k"}}]}
    engine.edit_strategically(webhook(engine), patch, manager="cainjector")
    assert_settled(engine, webhook(engine, "Zmlyc3Q="), ignore=[{"expressions": ["webhooks[*].clientConfig.caBundle"]}])
    assert engine.live(webhook(engine))["webhooks"][0]["clientConfig"]["caBundle"] == "c2Vjb25k"


def test_an_annotation_of_a_foreign_hand_is_not_taken_back(engine: Engine) -> None:
    wanted = config_map(engine.namespace)
    wanted["metadata"]["annotations"] = {"example.com/owner": "us", "example.com/team": "red"}
    engine.apply(wanted)
    engine.edit(wanted, {"metadata": {"annotations": {"example.com/owner": "them"}}}, manager="painter")
    assert_settled(engine, wanted, ignore=[{"expressions": ['metadata.annotations."example.com/owner"']}])
    assert engine.live(wanted)["metadata"]["annotations"] == {"example.com/owner": "them", "example.com/team": "red"}


def test_an_injected_container_stays_though_it_comes_first(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace, image="example/web:1"))
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "a-proxy", "image": "example/proxy:1"}]}}}}
    engine.edit_strategically(deployment(engine.namespace), patch, manager="injector")
    described = deployment(engine.namespace, image="example/web:2")
    assert_settled(engine, described, ignore=[{"pointers": ["/spec/template/spec/containers/0/image"]}])
    assert container(engine)["image"] == "example/web:1"
    assert container(engine, "a-proxy")["image"] == "example/proxy:1"


def test_an_item_is_found_by_its_key_where_the_manifest_leaves_a_part_of_it_to_a_default(engine: Engine) -> None:
    engine.apply(service(engine.namespace))
    patch = {"spec": {"ports": [{"port": 80, "targetPort": 9000}]}}
    engine.edit_strategically(service(engine.namespace), patch, manager="router")
    assert_settled(engine, service(engine.namespace), ignore=[{"expressions": ["spec.ports[?port==`80`].targetPort"]}])
    assert engine.live(service(engine.namespace))["spec"]["ports"][0]["targetPort"] == 9000


def test_an_ignored_key_that_leaves_the_description_is_not_removed(engine: Engine) -> None:
    engine.apply(config_map(engine.namespace, colour="red", shape="round"))
    assert_settled(engine, config_map(engine.namespace, shape="round"), ignore=[{"pointers": ["/data/colour"]}])
    assert engine.live(config_map(engine.namespace))["data"] == {"colour": "red", "shape": "round"}


def test_a_container_that_leaves_the_description_goes_though_its_image_is_ignored(engine: Engine) -> None:
    both = deployment(engine.namespace)
    both["spec"]["template"]["spec"]["containers"].append({"name": "second", "image": "example/second:1"})
    engine.apply(both)
    assert_settled(
        engine,
        deployment(engine.namespace),
        ignore=[{"expressions": ["spec.template.spec.containers[*].image"]}],
    )
    assert container(engine, "second") is None


def test_a_container_to_be_made_gets_its_image_though_images_are_ignored(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace))
    both = deployment(engine.namespace)
    both["spec"]["template"]["spec"]["containers"].append({"name": "second", "image": "example/second:1"})
    assert_settled(engine, both, ignore=[{"expressions": ["spec.template.spec.containers[*].image"]}])
    assert container(engine, "second")["image"] == "example/second:1"


def test_a_key_that_somebody_removed_is_not_made_again(engine: Engine) -> None:
    wanted = config_map(engine.namespace, colour="red", shape="round")
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"colour": None}}, manager="painter")
    assert_settled(engine, wanted, ignore=[{"pointers": ["/data/colour"]}])
    assert engine.live(wanted)["data"] == {"shape": "round"}


def test_what_another_hand_holds_of_an_ignored_mapping_does_not_become_ours(engine: Engine) -> None:
    wanted = config_map(engine.namespace, colour="red")
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"theirs": "1"}}, manager="painter")
    assert_settled(engine, config_map(engine.namespace, colour="blue"), ignore=[{"pointers": ["/data"]}])
    live = engine.live(wanted)
    ours = next(each for each in live["metadata"]["managedFields"] if each["manager"] == "mlops.tracking")
    assert ours["fieldsV1"] == {"f:data": {"f:colour": {}}}
    assert live["data"] == {"colour": "red", "theirs": "1"}


def test_arguments_are_ignored_one_by_one_though_the_server_keeps_them_as_a_whole(engine: Engine) -> None:
    wanted = deployment(engine.namespace)
    wanted["spec"]["template"]["spec"]["containers"][0]["args"] = ["--level=1", "--port=1"]
    engine.apply(wanted)
    wanted["spec"]["template"]["spec"]["containers"][0]["args"] = ["--level=2", "--port=2"]
    assert_settled(engine, wanted, ignore=[{"pointers": ["/spec/template/spec/containers/0/args/0"]}])
    assert container(engine)["args"] == ["--level=1", "--port=2"]


@pytest.mark.parametrize("pointer", ["/metadata/name", "/kind", "/spec/-", "/spec/ports/9/port", "/spec/nothing/here"])
def test_what_names_nothing_or_the_object_itself_changes_nothing(engine: Engine, pointer: str) -> None:
    engine.apply(service(engine.namespace))
    assert_settled(engine, service(engine.namespace), ignore=[{"pointers": [pointer]}])


def test_a_field_is_taken_back_once_its_rule_is_gone_and_nobody_holds_it(engine: Engine) -> None:
    engine.apply(deployment(engine.namespace, replicas=2))
    changed = deployment(engine.namespace, replicas=4)
    assert_settled(engine, changed, ignore=[{"pointers": ["/spec/replicas"]}])
    assert [row["changes"] for row in engine.apply(changed)] == [["spec.replicas"]]


def test_ignoring_keeps_nothing_from_being_deleted(engine: Engine) -> None:
    wanted = config_map(engine.namespace, colour="red")
    engine.apply(wanted)
    engine.edit(wanted, {"data": {"colour": "blue"}}, manager="painter")
    engine.apply(wanted, ignore=[{"managers": ["*"]}])
    assert engine.plan_absent(wanted).is_change
