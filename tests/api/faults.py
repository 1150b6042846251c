"""What the tests of faults have in common: one set, and how its failure is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from api_server import ROOT
from engine import Engine, documents
from objects_to_apply import config_map, deployment, secret, service

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import PlannedSet
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed

JSON = Any

SIBLINGS = 4


def some_set(namespace: str) -> list[JSON]:
    """Objects of two stages: some that go out side by side, then a workload."""
    settings = [config_map(namespace, f"settings-{number}") for number in range(SIBLINGS)]
    return [*settings, secret(namespace, password="canary-password"), service(namespace), deployment(namespace)]


def made_so(engine: Engine) -> list[dict[str, JSON]]:
    """The rows of one run over that set, with an inventory."""
    return engine.apply(*some_set(engine.namespace), inventory=f"{engine.namespace}/inventory")


def assert_nothing_left_to_do(engine: Engine) -> None:
    """The next run changes nothing and writes nothing, and the inventory holds what is there."""
    mark = engine.audit_mark()
    assert {row["action"] for row in made_so(engine)} == {"unchanged"}
    assert engine.server.writes_since(mark) == []
    inventory = engine.live(config_map(engine.namespace, "inventory"))["data"]["objects"]
    uids = {engine.live(each)["metadata"]["uid"] for each in some_set(engine.namespace)}
    assert {line.split()[-1] for line in inventory.splitlines()} == uids


def failure_of(planned: PlannedSet) -> SetFailed:
    """How carrying it out fails."""
    with pytest.raises(SetFailed) as failure:
        planned.carry_out()
    return failure.value


def actions(failure: SetFailed) -> dict[str, str]:
    """What became of each object, by kind and name."""
    return {_short(row["ref"]): row["action"] for row in failure.result["objects"]}


def row_of(failure: SetFailed, name: str) -> Mapping[str, JSON]:
    """The row of one object, by kind and name."""
    return next(row for row in failure.result["objects"] if _short(row["ref"]) == name)


def _short(reference: str) -> str:
    kind, _space, place = reference.partition(" ")
    return f"{kind} {place.rpartition('/')[2]}"


def run_manifests(kubeconfig: str, *objects: JSON, **arguments: JSON) -> Mapping[str, JSON]:
    """What the module itself returns, as a process of its own."""
    given = {"documents": documents(*objects), "wait": False, "kubeconfig": kubeconfig, **arguments}
    done = subprocess.run(
        [sys.executable, "-m", "ansible_collections.mlops.tracking.plugins.modules.manifests"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": given}),
        env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.startswith("\n{") or done.stdout.startswith("{"), done.stdout + done.stderr
    returned: Mapping[str, JSON] = json.loads(done.stdout)
    return returned
