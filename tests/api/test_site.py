"""The sets of site.yml, every kind of the stack in them: a second run asks for no dry run and writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_server import ROOT
from engine import Engine
from task_playbook import Playbook

JSON = Any

ROLES = ("minio", "persistence", "mlflow", "training")
VARIABLES = [str(ROOT / f"roles/{role}/{part}/main.yml") for part in ("defaults", "vars") for role in ROLES]


def set_of(role: str) -> JSON:
    """The one task by which a role deploys its objects, on a cluster without nodes."""
    where = f"{ROOT}/roles/{role}/templates/"
    return {
        "name": f"Deploy {role}",
        "vars": {"role_path": str(ROOT / f"roles/{role}")},
        "mlops.tracking.manifests": {
            "templates": f"{{{{ {role}_templates | map('regex_replace', '^', '{where}') | list }}}}",
            "inventory": f"{{{{ {role}_inventory }}}}",
            "wait": False,
        },
    }


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Playbook:
    return Playbook(engine, tmp_path)


def run(site: Playbook, *flags: str) -> str:
    return site.run_tasks([set_of(role) for role in ROLES], *flags, vars_files=VARIABLES)


def test_a_second_run_of_every_set_of_the_stack_reads_and_nothing_else(site: Playbook) -> None:
    first = run(site)
    assert "failed=0" in first, first
    assert "changed=4" in first, first
    mark = site.engine.audit_mark()
    second = run(site)
    assert "ok=4" in second, second
    assert "changed=0" in second, second
    asked = site.engine.server.audit()[mark:]
    assert site.engine.server.writes_since(mark) == []
    assert {event["verb"] for event in asked} == {"get", "list"}  # no dry run either
    assert {event["user"]["username"] for event in asked} == {"tester"}
    kinds = {event["objectRef"]["resource"] for event in asked}
    assert {"deployments", "statefulsets", "networkpolicies", "persistentvolumeclaims", "secrets"} <= kinds
    check = run(site, "--check", "--diff")
    assert "changed=0" in check, check
    assert site.engine.server.writes_since(mark) == []
