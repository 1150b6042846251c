"""What a person sees while a module waits: live in a terminal, as lines elsewhere, or nothing if they want that."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_server import ROOT
from controllers import REVISION, container, pod, replica_set, roll_out, starting
from engine import Engine
from kubelet import Kubelet, running_kubelet
from objects_to_apply import config_map, deployment, secret
from pythons import AS_PROGRAM
from terminal import watched

from ansible_collections.mlops.tracking.plugins.module_utils.progress import VARIABLE, Progress
from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.channel import Channel

JSON = Any

REWRITES = "\x1b["


def applied(engine: Engine, *objects: JSON) -> JSON:
    return {"mlops.tracking.manifests": {"definitions": list(objects), "wait_timeout": 40}}


def once_there(engine: Engine, manifest: JSON) -> JSON:
    deadline = time.monotonic() + 30
    while (live := engine.live(manifest)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return live


def test_a_terminal_shows_who_is_waited_for_since_when_and_how_it_is(engine: Engine, tmp_path: Path) -> None:
    run = watched(engine, tmp_path, [applied(engine, deployment(engine.namespace))])
    live = once_there(engine, deployment(engine.namespace))
    engine.edit(live, {"metadata": {"annotations": {REVISION: "1"}}})
    name = f"Deployment {engine.namespace}/web"
    run.shows(f"  {name}: the change is not seen yet (1 s)")
    run.shows(f"  {name}: the change is not seen yet (2 s)")
    roll_out(engine, live, available=0, unavailableReplicas=1)
    pod(engine, replica_set(engine, live, 1), **starting())
    run.shows(f"  {name}: 0 of 1 replicas available; container web is being created (")
    roll_out(engine, live)
    assert f"  {name}: 1 of 1 replicas available, after " in run.end()
    # what was rewritten is gone from the picture before the next line of Ansible's
    assert "\x1b[1A\r\x1b[J" in run.output
    logged = (tmp_path / "ansible.log").read_text(encoding="utf-8")
    assert "1 of 1 replicas available, after" in logged
    assert "not seen yet" not in logged
    assert REWRITES not in logged


def test_a_pipeline_gets_lines_when_something_changes(engine: Engine, tmp_path: Path) -> None:
    run = watched(engine, tmp_path, [applied(engine, deployment(engine.namespace))], in_terminal=False)
    live = once_there(engine, deployment(engine.namespace))
    name = f"Deployment {engine.namespace}/web"
    run.shows(f"  {name}: the change is not seen yet (1 s)\n")
    time.sleep(3)
    roll_out(engine, live, available=0, unavailableReplicas=1)
    run.shows(f"  {name}: 0 of 1 replicas available (")
    roll_out(engine, live)
    text = run.end()
    assert f"  {name}: 1 of 1 replicas available, after " in text
    assert text.count(name) == 3
    assert REWRITES not in run.output


def test_lines_say_which_host_they_are_of_when_there_are_several(engine: Engine, tmp_path: Path) -> None:
    mine = {
        **deployment(engine.namespace),
        "metadata": {"name": "{{ inventory_hostname }}", "namespace": "{{ where }}"},
    }
    run = watched(engine, tmp_path, [applied(engine, mine)], hosts=("staging", "production"))
    for host in ("staging", "production"):
        run.shows(f"[{host}]  Deployment {engine.namespace}/{host}: the change is not seen yet (")
        roll_out(engine, once_there(engine, deployment(engine.namespace, host)))
    text = run.end()
    assert "[staging]  Deployment" in text
    assert "\x1b[?7l" not in run.output  # nothing is rewritten


@pytest.mark.parametrize("how", ["variable", "no_log"])
def test_nothing_is_shown_where_nothing_is_to_be(engine: Engine, tmp_path: Path, how: str) -> None:
    task = applied(engine, deployment(engine.namespace))
    variables = {"tracking_progress": "quiet"} if how == "variable" else {}
    run = watched(engine, tmp_path, [{**task, "no_log": how == "no_log"}], **variables)
    live = once_there(engine, deployment(engine.namespace))
    time.sleep(3)
    roll_out(engine, live)
    text = run.end()
    assert "changed=1" in text
    assert "Deployment" not in text


def test_a_big_set_is_counted_while_it_is_applied(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = [config_map(engine.namespace, f"settings-{number}") for number in range(200)]
    with Channel(str(tmp_path)) as channel:
        monkeypatch.setenv(VARIABLE, channel.path)
        engine.apply(*objects, progress=Progress.from_environment())
        heard = [message for _ in range(3) for message in channel.read(0.1)]
    assert heard[0] == {"of": "", "now": "1 of 200 objects applied"}
    assert heard[-1] == {"of": "", "end": "200 of 200 objects applied"}


def test_a_choice_that_is_none_names_the_variable(engine: Engine, tmp_path: Path) -> None:
    task = applied(engine, config_map(engine.namespace))
    text = watched(engine, tmp_path, [task], in_terminal=False, tracking_progress="loud").end()
    assert (
        "Variable tracking_progress cannot be used: 'loud' is no choice. Set it to one of: auto, plain, quiet." in text
    )


def test_an_object_that_does_not_go_is_told_with_what_holds_it(engine: Engine, tmp_path: Path) -> None:
    held = config_map(engine.namespace, "held")
    engine.create({**held, "metadata": {**held["metadata"], "finalizers": ["example.com/hold"]}})
    run = watched(engine, tmp_path, [{"mlops.tracking.manifests": {"definitions": [held], "state": "absent"}}])
    run.shows(f"  ConfigMap {engine.namespace}/held: being deleted, held by example.com/hold (")
    engine.edit(held, {"metadata": {"finalizers": None}})
    assert f"  ConfigMap {engine.namespace}/held: gone, after " in run.end()


def test_nothing_is_left_of_it_and_nothing_of_it_returned(engine: Engine, tmp_path: Path) -> None:
    run = watched(engine, tmp_path, [applied(engine, deployment(engine.namespace))], "-vv")
    live = once_there(engine, deployment(engine.namespace))
    run.shows("the change is not seen yet (1 s)")
    (pipe,) = (tmp_path / "home/tmp").glob("ansible-local-*/progress-*")
    assert pipe.is_fifo()
    assert pipe.stat().st_mode & 0o777 == 0o600
    assert pipe.parent.stat().st_mode & 0o777 == 0o700
    roll_out(engine, live)
    assert "PROGRESS" not in run.end()
    assert list((tmp_path / "home/tmp").glob("**/progress-*")) == []


def test_nothing_is_left_of_it_when_the_run_is_broken_off(engine: Engine, tmp_path: Path) -> None:
    run = watched(engine, tmp_path, [applied(engine, deployment(engine.namespace))])
    run.shows("the change is not seen yet (1 s)")
    run.kill(signal.SIGINT)
    run.end()
    assert list((tmp_path / "home/tmp").glob("**/progress-*")) == []


def test_a_module_that_is_killed_fails_as_ever(engine: Engine, tmp_path: Path) -> None:
    tasks = [applied(engine, deployment(engine.namespace))]
    run = watched(engine, tmp_path, tasks, ansible_python_interpreter=AS_PROGRAM)
    run.shows("the change is not seen yet (1 s)")
    (pipe,) = (tmp_path / "home/tmp").glob("ansible-local-*/progress-*")
    os.kill(process_with(f"MLOPS_TRACKING_PROGRESS={pipe}"), signal.SIGKILL)
    text = run.end()
    assert "failed=1" in text
    assert "not seen yet (" not in text.split("PLAY RECAP")[1]
    assert list((tmp_path / "home/tmp").glob("**/progress-*")) == []


def process_with(variable: str) -> int:
    """The module's process: a Python that has this in its environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_python = b"python" in (folder / "cmdline").read_bytes().split(b"\0")[0]
            if is_python and variable.encode() in (folder / "environ").read_bytes().split(b"\0"):
                return int(folder.name)
    raise AssertionError(f"no process has {variable}")


def test_a_module_runs_without_its_action_plugin(engine: Engine, tmp_path: Path) -> None:
    arguments = {"definitions": [], "documents": "[]", "kubeconfig": engine.server.kubeconfig, "state": "absent"}
    given = tmp_path / "arguments.json"
    given.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), encoding="utf-8")
    program = [sys.executable, "-m", "ansible_collections.mlops.tracking.plugins.modules.manifests", str(given)]
    for pipe in ("", str(tmp_path / "nowhere"), str(given)):
        environment = {**os.environ, "PYTHONPATH": str(ROOT / ".collections"), "MLOPS_TRACKING_PROGRESS": pipe}
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def kubelet(engine: Engine) -> Iterator[Kubelet]:
    with running_kubelet(engine) as running:
        yield running


def job(namespace: str, node: str) -> JSON:
    from_secret = {"name": "VALUE", "valueFrom": {"secretKeyRef": {"name": "given", "key": "value"}}}
    one = {"name": "copy", "image": "example/copy:1", "env": [from_secret]}
    template = {"spec": {"restartPolicy": "Never", "nodeName": node, "containers": [one]}}
    metadata = {"name": "migrate", "namespace": namespace}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template}}


def test_a_job_is_followed_with_what_it_writes_and_without_its_secrets(
    engine: Engine, tmp_path: Path, kubelet: Kubelet
) -> None:
    pem = "-----BEGIN KEY-----\nY2FuYXJ5LXNlY29uZC1saW5l\n-----END KEY-----"
    engine.apply(secret(engine.namespace, "given", value="canary-value", pem=pem))
    definition = job(engine.namespace, kubelet.node)
    run = watched(engine, tmp_path, [{"mlops.tracking.job": {"definition": definition, "timeout": 60}}])
    live = once_there(engine, definition)
    running = container({"running": {}}, name="copy", ready=True, started=True)
    is_ready = {"type": "Ready", "status": "True"}
    made = pod(engine, live, phase="Running", conditions=[is_ready], containerStatuses=[running])
    engine.edit(live, {"status": {"active": 1}}, subresource="status")
    kubelet.write("copy: 1,200,000 of 10,000,000 rows", "with canary-value")
    kubelet.write("Y2FuYXJ5LXNlY29uZC1saW5l", "\x1b[31mred\x1b[0m")
    name = f"Job {engine.namespace}/migrate"
    run.shows(f"  {name} | copy: 1,200,000 of 10,000,000 rows")
    run.shows(f"  {name} | with (hidden ")
    run.shows(f"  {name} | red")
    run.shows(f"  {name}: 1 pod active (")
    kubelet.write(*[f"burst {number}" for number in range(500)])
    run.shows("left out ...")
    kubelet.end()
    engine.edit(made, {"status": {"phase": "Succeeded"}}, subresource="status")
    complete = [{"type": kind, "status": "True"} for kind in ("SuccessCriteriaMet", "Complete")]
    times = {"startTime": "2099-01-01T00:00:00Z", "completionTime": "2099-01-01T00:00:01Z"}
    done = {"active": 0, "succeeded": 1, "conditions": complete, **times, "ready": 0}
    engine.edit(live, {"status": done}, subresource="status")
    text = run.end()
    assert f"  {name}: complete, after " in text
    assert text.index(f"  {name} | burst 499") < text.index(f"  {name}: complete, after ")
    assert text.count("burst") < 200
    assert "canary" not in text + run.output
    assert "Y2FuYXJ5LXNlY29uZC1saW5l" not in text
    assert [asked for asked in kubelet.asked if "follow=true" in asked] == kubelet.asked[:1]
