"""Modules inside Ansible's worker process, beside the same modules run as programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from engine import Engine
from objects_to_apply import config_map, secret
from pythons import AS_PROGRAM, IN_WORKER
from task_playbook import Playbook

JSON = Any

PROGRAM = "Using module file"  # what Ansible says at -vvv of what it starts


@pytest.fixture
def playbook(engine: Engine, tmp_path: Path) -> Playbook:
    return Playbook(engine, tmp_path)


def returned(playbook: Playbook, task: JSON, *flags: str, python: str, module: str = "manifests", **more: JSON) -> JSON:
    """What the module returned, without what differs in any two runs."""
    act = {"name": "Act", f"mlops.tracking.{module}": task, "register": "done", "ignore_errors": True, **more}
    path = playbook.folder / "returned.json"
    keep = {
        "name": "Keep",
        "ansible.builtin.copy": {"content": "{{ done | to_json }}", "dest": str(path)},
        "check_mode": False,
    }
    output = playbook.run_tasks([act, keep], "-vvv", *flags, ansible_python_interpreter=python)
    kept = json.loads(path.read_text(encoding="utf-8"))
    was_started = re.search(rf"{PROGRAM} .*/{module}\.py", output) is not None
    assert was_started == (python == AS_PROGRAM), output
    return without_times(kept)


def without_times(value: JSON) -> JSON:
    """Nor the hashes of secrets, which are new in every run."""
    if isinstance(value, str):
        return re.sub(r"\(hidden \w+\)", "(hidden)", value)
    if isinstance(value, dict):
        return {key: without_times(each) for key, each in value.items() if key not in ("duration", "resource_version")}
    return [without_times(each) for each in value] if isinstance(value, list) else value


def both(playbook: Playbook, task: JSON, *flags: str, **more: JSON) -> tuple[JSON, JSON]:
    return (
        returned(playbook, task, *flags, python=IN_WORKER, **more),
        returned(playbook, task, *flags, python=AS_PROGRAM, **more),
    )


def test_returns_in_the_worker_what_the_program_returns(playbook: Playbook) -> None:
    objects = [config_map(playbook.engine.namespace), secret(playbook.engine.namespace, "one", password="canary")]
    here, there = both(playbook, {"definitions": objects}, "--check", "--diff")
    assert here == there
    assert [row["action"] for row in here["objects"]] == ["created", "created"]
    assert "canary" not in json.dumps(here)


def test_fails_in_the_worker_as_the_program_does(playbook: Playbook) -> None:
    broken = {**config_map(playbook.engine.namespace), "data": {"key": {"no": "text"}}}
    here, there = both(playbook, {"definitions": [broken]})
    assert here == there
    assert here["failed"]


def test_an_option_of_the_wrong_type_is_refused_alike(playbook: Playbook) -> None:
    task = {"definitions": [config_map(playbook.engine.namespace)], "wait_timeout": "long"}
    here, there = both(playbook, task)
    assert here == there
    assert "wait_timeout" in here["msg"]


def test_an_unknown_option_is_refused_alike(playbook: Playbook) -> None:
    here, there = both(playbook, {"nothing": "x"}, module="mlflow_backend")
    assert here == there
    assert "nothing" in here["msg"]


def test_variables_of_the_tasks_environment_reach_the_module(playbook: Playbook) -> None:
    where = {"KUBECONFIG": str(playbook.folder / "nowhere")}
    task = {"definitions": [config_map(playbook.engine.namespace)], "kubeconfig": None}
    here, there = both(playbook, task, environment=where)
    assert here == there
    assert str(playbook.folder / "nowhere") in here["msg"]


def test_each_item_of_a_loop_is_a_run_of_its_own(playbook: Playbook) -> None:
    names = ["one", "two", "three"]
    task = {
        "definitions": [
            {**config_map(playbook.engine.namespace), "metadata": {"name": "{{ item }}", "namespace": "{{ where }}"}}
        ]
    }
    here = returned(playbook, task, python=IN_WORKER, loop=names)
    assert [[row["ref"].rpartition("/")[2] for row in each["objects"]] for each in here["results"]] == [
        [name] for name in names
    ]
    assert {each["changed"] for each in here["results"]} == {True}


def test_no_secret_is_shown_by_either(playbook: Playbook) -> None:
    objects = [secret(playbook.engine.namespace, "one", password="canary-in-worker")]
    for python in (IN_WORKER, AS_PROGRAM):
        output = playbook.run({"definitions": objects}, "-vvvv", "--diff", ansible_python_interpreter=python)
        assert "failed=0" in output
        assert "canary-in-worker" not in output
    assert "canary-in-worker" not in playbook.log.read_text(encoding="utf-8")
