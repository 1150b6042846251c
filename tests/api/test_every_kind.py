"""Every kind that Kubernetes serves: a second run writes nothing and needs no dry run to know that."""

from __future__ import annotations

from typing import Any

import pytest
from engine import Engine
from every_kind import NOT_APPLIED, of_cluster, of_namespace

JSON = Any


def name_of(body: JSON) -> str:
    return f"{body['apiVersion']} {body['kind']}"


KINDS = [name_of(body) for body in [*of_namespace("any"), *of_cluster("any")]]


def example(engine: Engine, kind: str) -> JSON:
    bodies = [*of_namespace(engine.namespace), *of_cluster(f"kind-{engine.namespace}")]
    return next(body for body in bodies if name_of(body) == kind)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.replace("/", "_").replace(" ", "_") for kind in KINDS])
def test_a_second_run_asks_for_no_dry_run_and_writes_nothing(engine: Engine, kind: str) -> None:
    body = example(engine, kind)
    assert [row["action"] for row in engine.apply(body)] == ["created"]
    mark = engine.audit_mark()
    assert [row["action"] for row in engine.apply(body)] == ["unchanged"]
    assert [event["verb"] for event in engine.server.audit()[mark:] if event["verb"] not in ("get", "list")] == []
    engine.delete(body)


def test_every_stable_kind_that_the_server_serves_has_its_example(engine: Engine) -> None:
    served = set()
    groups = engine.cluster.request("GET", "/apis")["groups"]
    versions = [each["groupVersion"] for group in groups for each in group["versions"]]
    for version in ["v1", *(each for each in versions if "alpha" not in each and "beta" not in each)]:
        if version.endswith("example.org/v1"):
            continue  # other tests define these
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        for each in engine.cluster.request("GET", path)["resources"]:
            if "/" not in each["name"] and {"create", "patch"} <= set(each["verbs"]):
                served.add(f"{version} {each['kind']}")
    assert served - set(KINDS) - set(NOT_APPLIED) == set()
