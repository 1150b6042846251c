"""What the next run would write again is told right after the write, with its path and the mend."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map

JSON = Any

POLICY = "admissionregistration.k8s.io/v1beta1"
# Another colour than before at every write, as a webhook that stamps a time would have it.
RESTLESS = "oldObject == null || oldObject.data.colour != 'blue' ? 'blue' : 'green'"


def policy(name: str, namespace: str) -> list[JSON]:
    value = f"Object{{data: {{'colour': {RESTLESS}}}}}"
    spec = {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "matchConstraints": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "resourceRules": [
                {
                    "apiGroups": [""],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE", "UPDATE"],
                    "resources": ["configmaps"],
                }
            ],
        },
        "matchConditions": [{"name": "painted", "expression": "'colour' in object.data"}],
        "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": value}}],
    }
    binding = {"policyName": name}
    return [
        {"apiVersion": POLICY, "kind": "MutatingAdmissionPolicy", "metadata": {"name": name}, "spec": spec},
        {"apiVersion": POLICY, "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": binding},
    ]


@pytest.fixture
def painted(engine: Engine) -> Iterator[Engine]:
    """An engine whose namespace has an admission policy that changes `colour` at every write."""
    objects = policy(f"paint-{engine.namespace}", engine.namespace)
    for each in objects:
        engine.create(each)
    canary = config_map(engine.namespace, "canary", colour="red")
    deadline = time.monotonic() + 30
    engine.create(canary)
    while engine.live(canary)["data"]["colour"] == "red":  # policies are loaded a moment after they are made
        assert time.monotonic() < deadline
        engine.edit(canary, {"data": {"touched": str(time.monotonic())}})
    yield engine
    for each in objects:
        engine.delete(each)


def test_a_value_that_does_not_stay_is_reported_with_its_path(painted: Engine) -> None:
    done = painted.plan(config_map(painted.namespace, colour="red", shape="round")).carry_out().as_json()
    assert [row["unstable"] for row in done["objects"]] == [["data.colour"]]
    assert done["summary"] == "1 object: 1 created, 1 unstable"


def test_a_warning_names_the_object_the_path_and_the_mend(painted: Engine) -> None:
    done = painted.plan(config_map(painted.namespace, colour="red")).carry_out().as_json()
    (warning,) = done["warnings"]
    assert f"ConfigMap {painted.namespace}/settings" in warning
    assert "data.colour" in warning
    assert "name it in ignore" in warning


def test_an_ignored_field_makes_nothing_unstable(painted: Engine) -> None:
    wanted = config_map(painted.namespace, colour="red", shape="round")
    painted.apply(wanted)
    ignore = [{"pointers": ["/data/colour"]}]
    painted.apply(wanted, ignore=ignore)
    assert [row["action"] for row in painted.apply(wanted, ignore=ignore)] == ["unchanged"]
