"""The modules as playbooks call them: rendered on the controller, predicted, shown and secret."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine import Engine
from objects_to_apply import config_map, secret
from task_playbook import Playbook

JSON = Any


@pytest.fixture
def playbook(engine: Engine, tmp_path: Path) -> Playbook:
    return Playbook(engine, tmp_path)


def test_renders_templates_and_leaves_out_empty_ones(playbook: Playbook) -> None:
    output = playbook.run({"templates": ["set.yaml.j2", "nothing.yaml.j2"]})
    assert "changed=1" in output, output
    live = playbook.engine.live(secret(playbook.engine.namespace, "rendered"))
    assert base64.b64decode(live["data"]["password"]) == b"canary-template"
    assert playbook.engine.live(config_map(playbook.engine.namespace, "extra")) is None


def test_a_second_run_changes_nothing(playbook: Playbook) -> None:
    task = {"templates": ["set.yaml.j2"], "definitions": [config_map(playbook.engine.namespace)]}
    assert "changed=1" in playbook.run(task, extra=True)
    assert "changed=0" in playbook.run(task, extra=True)


def test_check_mode_shows_the_difference_and_writes_nothing(playbook: Playbook) -> None:
    output = playbook.run({"templates": ["set.yaml.j2"]}, "--check", "--diff")
    assert "+  name: rendered" in output, output
    assert "changed=1" in output
    assert playbook.engine.live(secret(playbook.engine.namespace, "rendered")) is None


def test_no_secret_is_shown_at_any_verbosity_or_kept_in_the_log(playbook: Playbook) -> None:
    namespace = playbook.engine.namespace
    definition = secret(namespace, "defined", {"tracking.mlops/generate": "made=20"}, password="canary-definition")
    task = {"templates": ["set.yaml.j2"], "definitions": [definition]}
    outputs = [playbook.run(task, "-vvv", "--diff", *more) for more in (["--check"], [], [])]
    broken = secret(namespace, "broken", password="canary-broken")
    broken["type"] = "kubernetes.io/tls"
    outputs.append(playbook.run({"definitions": [broken]}, "-vvv", "--diff"))
    assert "FAILED" in outputs[-1]
    everything = "".join(outputs) + playbook.log.read_text(encoding="utf-8")
    canaries = ["canary-template", "canary-definition", "canary-broken"]
    encoded = [base64.b64encode(canary.encode()).decode() for canary in canaries]
    made = playbook.engine.live(secret(namespace, "defined"))["data"]["made"]
    hidden = [*canaries, *encoded, made, base64.b64decode(made).decode()]
    assert [each for each in hidden if each in everything] == []


def test_a_template_that_is_no_yaml_is_named_with_its_line(playbook: Playbook) -> None:
    output = playbook.run({"templates": ["set.yaml.j2"]}, password="a: b: c")
    assert "Template set.yaml.j2 is not YAML (line 7" in output, output
    assert "a: b: c" not in output


def test_an_undefined_variable_is_named_with_its_template(playbook: Playbook) -> None:
    output = playbook.run({"templates": ["set.yaml.j2"]}, password="{{ nowhere }}")
    assert "set.yaml.j2" in output
    assert "nowhere" in output


def test_a_missing_template_is_named(playbook: Playbook) -> None:
    assert "Template lost.yaml.j2 is not found" in playbook.run({"templates": ["lost.yaml.j2"]})


def test_an_object_described_twice_names_both_sources(playbook: Playbook) -> None:
    twice = secret(playbook.engine.namespace, "rendered", password="other")
    output = playbook.run({"templates": ["set.yaml.j2"], "definitions": [twice]})
    assert "is described twice, also in Template set.yaml.j2" in output, output


def test_a_wrong_context_names_the_variable(playbook: Playbook) -> None:
    output = playbook.run({"definitions": [config_map(playbook.engine.namespace)], "context": "staging"})
    assert "Variable kubernetes_context cannot be used" in output, output
    assert "Set it to one of: all, looker" in output


def test_a_job_is_predicted_without_a_node(playbook: Playbook) -> None:
    container = {"name": "one", "image": "example/one:1", "command": ["true"]}
    definition = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "one", "namespace": playbook.engine.namespace},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    }
    output = playbook.run({"definition": definition}, "--check", "--diff", module="job")
    assert "changed=1" in output, output
    assert "+kind: Job" in output
    assert "one Job is wanted" in playbook.run(
        {"definition": config_map(playbook.engine.namespace)}, "--check", module="job"
    )


def test_what_is_returned_is_what_is_documented(playbook: Playbook) -> None:
    namespace = playbook.engine.namespace
    output = playbook.run({"definitions": [config_map(namespace)]}, "-v")
    returned = json.loads(output.split("changed: [localhost] => ", 1)[1].split("\n\n", 1)[0])
    assert returned["summary"] == "1 object: 1 created"
    row = returned["objects"][0]
    documented = yaml.safe_load(_text_of("RETURN"))["objects"]["contains"]
    assert set(row) <= set(documented)
    assert row["ref"] == f"ConfigMap {namespace}/settings"
    assert row["tries"] == 1


def _text_of(name: str) -> str:
    from ansible_collections.mlops.tracking.plugins.modules import manifests

    return str(getattr(manifests, name))
