"""Secrets are made once, copied on the cluster, and shown nowhere."""

from __future__ import annotations

import base64

import pytest
from engine import Engine
from objects_to_apply import claim, config_map, deployment, secret

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import InvalidManifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    read_secret,
)

GENERATE = {"tracking.mlops/generate": "password=40, token=12"}


def values(engine: Engine, name: str) -> dict[str, str]:
    return read_secret(engine.cluster, SecretReference(engine.namespace, name))


def test_generates_values_of_the_asked_length(engine: Engine) -> None:
    engine.apply(secret(engine.namespace, "made", GENERATE, user="root"))
    made = values(engine, "made")
    assert {key: len(value) for key, value in made.items()} == {"password": 40, "token": 12, "user": 4}


def test_keeps_generated_secret_values(engine: Engine) -> None:
    engine.apply(secret(engine.namespace, "made", GENERATE))
    before = values(engine, "made")
    engine.apply(secret(engine.namespace, "made", {"tracking.mlops/generate": "password=40,token=12,more=10"}))
    after = values(engine, "made")
    assert {key: after[key] for key in before} == before
    assert len(after["more"]) == 10


def test_copies_a_secret_of_the_same_set_and_follows_its_changes(engine: Engine) -> None:
    name = engine.namespace
    copy = secret(name, "copy", {"tracking.mlops/copy": f"{name}/source"})
    engine.apply(copy, secret(name, "source", user="one"))
    assert values(engine, "copy") == {"user": "one"}
    engine.apply(secret(name, "source", user="two"))
    assert engine.apply(copy)[0]["changes"] == ["data.user"]
    assert values(engine, "copy") == {"user": "two"}


def test_a_copy_of_nothing_fails_before_anything_is_written(engine: Engine) -> None:
    copy = secret(engine.namespace, "copy", {"tracking.mlops/copy": "nowhere/nothing"})
    with pytest.raises(TrackingError, match=r"Secret nowhere/nothing.*does not exist"):
        engine.apply(copy, config_map(engine.namespace))
    assert engine.live(config_map(engine.namespace)) is None


def test_an_annotation_that_cannot_be_read_is_named(engine: Engine) -> None:
    with pytest.raises(InvalidManifest, match="key=length"):
        engine.apply(secret(engine.namespace, "made", {"tracking.mlops/generate": "password"}))


def test_masks_secrets_in_diff(engine: Engine) -> None:
    with_environment = deployment(engine.namespace)
    container = with_environment["spec"]["template"]["spec"]["containers"][0]
    container["env"] += [
        {"name": "DB_PASSWORD", "value": "canary-environment"},
        {"name": "DATABASE_URI", "value": "postgresql+psycopg://mlflow:canary-url@postgres/mlflow"},
    ]
    marked = config_map(engine.namespace, hidden="canary-marked", shown="plain")
    marked["metadata"]["annotations"] = {"tracking.mlops/secret-keys": "hidden"}
    objects = [secret(engine.namespace, password="canary-secret"), with_environment, marked]
    shown = str(engine.plan(*objects, check=True).differences) + str(engine.plan(*objects).differences)
    engine.apply(*objects)
    container["image"] = "example/web:2"
    shown += str(engine.plan(secret(engine.namespace, password="canary-second"), *objects[1:]).differences)
    assert "canary" not in shown
    assert base64.b64encode(b"canary-secret").decode() not in shown
    assert "plain" in shown


def test_same_and_different_secrets_can_be_told_apart(engine: Engine) -> None:
    engine.apply(secret(engine.namespace, same="value-one", other="value-two"))
    shown = engine.plan(secret(engine.namespace, same="value-one", other="value-three")).differences[0]
    before, after = shown["before"].splitlines(), shown["after"].splitlines()
    differing = [one.split(":")[0].strip() for one, other in zip(before, after, strict=True) if one != other]
    assert differing == ["other"]


def test_masks_secrets_in_what_the_server_says(engine: Engine) -> None:
    broken = secret(engine.namespace, password="canary-password")
    broken["type"] = "kubernetes.io/tls"
    with_environment = deployment(engine.namespace)
    with_environment["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "API_TOKEN", "value": "canary-token"},
        {"name": "API_TOKEN_COPY", "value": {"canary-token": "not a string"}},
    ]
    with pytest.raises(SetFailed) as failure:
        engine.apply(broken, with_environment)
    assert "canary" not in str(failure.value)
    assert "canary" not in str(failure.value.result)


def test_a_missing_secret_and_a_missing_key_are_named(engine: Engine) -> None:
    engine.apply(secret(engine.namespace, "there", user="root"))
    with pytest.raises(TrackingError, match=r"Secret .*/nothing does not exist"):
        values(engine, "nothing")
    with pytest.raises(TrackingError, match=r"no key 'password'.*its keys are: user"):
        read_secret(engine.cluster, SecretReference(engine.namespace, "there"), ["password"])


def test_lost_values_are_not_made_anew_beside_what_was_used_with_them(engine: Engine) -> None:
    annotations = {
        "tracking.mlops/generate": "password=20",
        "tracking.mlops/generate-unless": "PersistentVolumeClaim/data",
    }
    objects = [secret(engine.namespace, "root", annotations), claim(engine.namespace)]
    engine.apply(*objects)
    engine.plan_absent(*objects).carry_out()
    with pytest.raises(TrackingError, match=r"Secret .*/root cannot be made anew.*PersistentVolumeClaim .*/data"):
        engine.apply(*objects)


def test_pods_start_anew_when_a_secret_they_read_changes(engine: Engine) -> None:
    reading = deployment(engine.namespace)
    reading["spec"]["template"]["metadata"]["annotations"] = {"tracking.mlops/restart-with": "credentials"}
    engine.apply(secret(engine.namespace, password="first"), reading)
    assert {row["action"] for row in engine.apply(secret(engine.namespace, password="first"), reading)} == {"unchanged"}
    changed = engine.apply(secret(engine.namespace, password="second"), reading)[1]["changes"]
    assert changed == ["spec.template.metadata.annotations[tracking.mlops/restart-digest]"]
