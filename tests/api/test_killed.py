"""A run that is killed after any of its writes leaves nothing that the next run does not know and bring to its end."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_server import ROOT
from engine import Engine, documents
from objects_to_apply import claim, config_map, deployment, namespace, network_policy, secret, service
from test_ownership import made_by_kubectl

JSON = Any

MOST_WRITES = 60
COLLECTIONS = [
    "api/v1/namespaces/{}/configmaps",
    "api/v1/namespaces/{}/secrets",
    "api/v1/namespaces/{}/services",
    "api/v1/namespaces/{}/persistentvolumeclaims",
    "apis/apps/v1/namespaces/{}/deployments",
    "apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
]


class KilledRuns:
    """The module on namespaces of its own, one for each point at which it is killed."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder

    def killed_after(self, writes: int, where: str, *objects: JSON, **arguments: JSON) -> bool:
        """Runs the module; whether it was killed, or came to its end before."""
        given = {
            "documents": documents(*objects),
            "inventory": f"{where}/inventory",
            "wait": False,
            "kubeconfig": self.engine.server.kubeconfig,
            "context": "all",
            **arguments,
        }
        path = self.folder / "arguments.json"
        path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
        program = str(Path(__file__).with_name("killed_module.py"))
        done = subprocess.run(
            [sys.executable, program, "manifests", str(writes), str(path)],
            env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stdout + done.stderr
        return done.returncode != 0

    def recorded(self, where: str) -> dict[str, str]:
        """The inventory: uids by kind and name."""
        live = self.engine.cluster.get(f"/api/v1/namespaces/{where}/configmaps/inventory")
        lines = [line.split() for line in live["data"]["objects"].splitlines()] if live else []
        return {f"{kind} {place.rpartition('/')[2]}": uid for _version, kind, place, uid in lines}

    def there(self, where: str) -> dict[str, str]:
        """The objects on the cluster that say they belong to the inventory: uids by kind and name."""
        found = {}
        for body in self._all(where):
            annotations = body["metadata"].get("annotations") or {}
            if annotations.get("tracking.mlops/inventory") == f"{where}/inventory":
                found[f"{body['kind']} {body['metadata']['name']}"] = body["metadata"]["uid"]
        return found

    def _all(self, where: str) -> Iterator[JSON]:
        space = self.engine.cluster.get(f"/api/v1/namespaces/{where}")
        if space is not None:
            yield space
        for collection in COLLECTIONS:
            answer = self.engine.cluster.request("GET", f"/{collection.format(where)}")
            yield from ({"kind": answer["kind"].removesuffix("List"), **item} for item in answer["items"])


@pytest.fixture
def runs(engine: Engine, tmp_path: Path) -> KilledRuns:
    return KilledRuns(engine, tmp_path)


def some_set(seed: int, where: str) -> list[JSON]:
    """Some objects of every kind; another seed has some of the same, some changed, some not at all."""
    chosen = random.Random(seed)
    made = [
        *(config_map(where, f"settings-{number}", value=chosen.choice("xy")) for number in range(4)),
        *(secret(where, f"credentials-{number}", value=chosen.choice(["canary-x", "canary-y"])) for number in range(2)),
        *(service(where, f"web-{number}") for number in range(2)),
        *(deployment(where, f"web-{number}", replicas=chosen.randint(1, 2)) for number in range(2)),
        claim(where),
        network_policy(where),
    ]
    generated = secret(where, "generated", {"tracking.mlops/generate": "value=20"})
    return [namespace(where), generated, *(each for each in made if chosen.random() < 0.6)]


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 2), (3, 4)])
def test_a_run_killed_after_any_write_is_brought_to_its_end_by_the_next(
    runs: KilledRuns, before: int, after: int
) -> None:
    for writes in range(1, MOST_WRITES):
        where = f"{runs.engine.namespace}-{before}-{after}-{writes}"
        inventory = f"{where}/inventory"
        if before:  # 0: the first run of all
            runs.engine.apply(*some_set(before, where), inventory=inventory)
        wanted = some_set(after, where)
        was_killed = runs.killed_after(writes, where, *wanted)
        runs.engine.apply(*wanted, inventory=inventory)
        assert runs.recorded(where) == runs.there(where)
        described = {f"{each['kind']} {each['metadata']['name']}" for each in wanted}
        assert set(runs.recorded(where)) - described <= {"PersistentVolumeClaim data"}
        mark = runs.engine.audit_mark()
        assert not runs.engine.plan(*wanted, inventory=inventory).is_change
        assert runs.engine.server.writes_since(mark) == []
        if not was_killed:
            assert writes > 5
            return
    pytest.fail(f"there are more than {MOST_WRITES} writes")


def test_what_kubectl_made_changes_hands_though_the_run_is_killed_after_any_write(runs: KilledRuns) -> None:
    for writes in range(1, MOST_WRITES):
        where = f"{runs.engine.namespace}-{writes}"
        runs.engine.create(namespace(where))
        made = [*(config_map(where, f"settings-{number}", key="before") for number in range(3)), service(where)]
        for each in made:
            made_by_kubectl(runs.engine, each)
        wanted = [*(config_map(where, f"settings-{number}", other="after") for number in range(3)), service(where)]
        taken = {"force_conflicts": ["*"]}
        was_killed = runs.killed_after(writes, where, *wanted, **taken)
        runs.engine.apply(*wanted, inventory=f"{where}/inventory", force=("*",))
        assert runs.recorded(where) == runs.there(where)
        managers = {each["manager"] for body in wanted for each in managed(runs.engine, body)}
        assert managers == {"mlops.tracking", "kubectl-client-side-apply"}  # what is not described stays kubectl's
        mark = runs.engine.audit_mark()
        assert not runs.engine.plan(*wanted, inventory=f"{where}/inventory", force=("*",)).is_change
        assert runs.engine.server.writes_since(mark) == []
        if not was_killed:
            assert writes > len(made) * 2
            return
    pytest.fail(f"there are more than {MOST_WRITES} writes")


def managed(engine: Engine, body: JSON) -> list[JSON]:
    entries: list[JSON] = engine.live(body)["metadata"]["managedFields"]
    return entries


def test_of_a_killed_run_the_next_prunes_what_it_no_longer_describes(runs: KilledRuns) -> None:
    for writes in range(1, MOST_WRITES):
        where = f"{runs.engine.namespace}-{writes}"
        was_killed = runs.killed_after(writes, where, *some_set(1, where))
        wanted = [namespace(where), config_map(where, "only")]
        runs.engine.apply(*wanted, inventory=f"{where}/inventory")
        assert runs.recorded(where) == runs.there(where)
        kept = {f"Namespace {where}", "ConfigMap only", "PersistentVolumeClaim data"}
        assert set(runs.there(where)) <= kept
        if not was_killed:
            assert writes > 5
            return
    pytest.fail(f"there are more than {MOST_WRITES} writes")


def test_a_deletion_killed_after_any_write_is_brought_to_its_end_by_the_next(runs: KilledRuns) -> None:
    for writes in range(1, MOST_WRITES):
        where = f"{runs.engine.namespace}-{writes}"
        objects = some_set(5, where)
        runs.engine.apply(*objects, inventory=f"{where}/inventory")
        was_killed = runs.killed_after(writes, where, *objects[:2], state="absent")
        absent = runs.engine.plan_absent(*objects[:2], inventory=f"{where}/inventory")
        if absent.is_change:
            absent.carry_out()
        assert runs.recorded(where) == runs.there(where)
        assert set(runs.there(where)) <= {f"Namespace {where}", "PersistentVolumeClaim data"}
        mark = runs.engine.audit_mark()
        assert not runs.engine.plan_absent(*objects[:2], inventory=f"{where}/inventory").is_change
        assert runs.engine.server.writes_since(mark) == []
        if not was_killed:
            assert writes > 5
            return
    pytest.fail(f"there are more than {MOST_WRITES} writes")
