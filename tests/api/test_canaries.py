"""No output of a run holds a secret: canaries are planted wherever one may lie, and looked for in all that is left."""

from __future__ import annotations

import base64
import html
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from api_server import ROOT
from canaries import SHAPES, Aviary
from canary_run import CanaryRun
from canary_set import TEMPLATE, canary_set, marked, variables, workload
from controllers import REVISION, event, pod, replica_set, roll_out
from engine import Engine
from fault_proxy import FaultProxy
from objects_to_apply import deployment, secret, widget, widget_definition
from pythons import AS_PROGRAM, IN_WORKER
from quoting_webhook import quoting_webhook

JSON = Any

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
WAYS = [("", IN_WORKER), ("-vvvv", IN_WORKER), ("-vvv", AS_PROGRAM), ("-vvvv", AS_PROGRAM)]


@pytest.fixture
def aviary() -> Aviary:
    return Aviary(20261124)


@pytest.fixture
def values(aviary: Aviary, engine: Engine) -> dict[str, JSON]:
    return variables(aviary, engine.namespace)


@pytest.fixture
def run(engine: Engine, aviary: Aviary, values: dict[str, JSON], tmp_path: Path) -> CanaryRun:
    started = CanaryRun(tmp_path, engine.server.kubeconfig, aviary, values)
    (tmp_path / "templates/rendered.yaml.j2").write_text(TEMPLATE, encoding="utf-8")
    return started


@pytest.fixture
def group(engine: Engine) -> str:
    """The API group of a custom resource that the server knows."""
    name = f"{engine.namespace}.example.org"
    engine.apply(widget_definition(name))
    return name


@pytest.fixture
def task(engine: Engine, group: str) -> JSON:
    return {
        "templates": ["rendered.yaml.j2"],
        "definitions": canary_set(engine.namespace, group),
        "inventory": f"{engine.namespace}/inventory",
        "wait": False,
    }


def live_value(engine: Engine, name: str, key: str) -> str:
    return base64.b64decode(engine.live(secret(engine.namespace, name))["data"][key]).decode()


def applied_by_kubectl(engine: Engine, aviary: Aviary) -> JSON:
    """A Secret as kubectl leaves it, with another value than is wanted."""
    body = secret(engine.namespace, "applied", None, password=aviary.canary("quotes"))
    body["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(body)}
    return engine.create(body, manager="kubectl-client-side-apply")


@pytest.mark.parametrize(("verbosity", "python"), WAYS, ids=["in worker", "in worker -vvvv", "-vvv", "-vvvv"])
def test_a_sets_whole_life_shows_no_secret(
    engine: Engine, run: CanaryRun, aviary: Aviary, values: dict[str, JSON], task: JSON, verbosity: str, python: str
) -> None:
    run.python = python
    flags = [verbosity] if verbosity else []
    applied_by_kubectl(engine, aviary)
    predicted = run.run({**task, "force_conflicts": ["*"]}, "--check", "--diff", *flags)
    made = run.run({**task, "force_conflicts": ["*"]}, "--diff", *flags)
    assert "(hidden " in predicted
    assert "(hidden " in made
    assert {shape: live_value(engine, "shapes", shape) for shape in SHAPES} == values["shapes"]
    assert live_value(engine, "rendered", "password") == values["rendered"]
    assert live_value(engine, "applied", "password") == values["second"]
    aviary.adopt(live_value(engine, "made", "password"))
    assert "changed=0" in run.run(task, "--diff", *flags)
    changed = [each for each in task["definitions"] if each["metadata"]["name"] not in ("applied", "docker")]
    changed[0] = secret(engine.namespace, "shapes", None, plain="{{ second }}")
    yaml_output = run.run({**task, "definitions": changed}, "--diff", *flags, ANSIBLE_CALLBACK_RESULT_FORMAT="yaml")
    assert "changed=1" in yaml_output
    run.run({**task, "state": "absent"}, "--diff", *flags, ANSIBLE_STDOUT_CALLBACK="minimal")
    assert run.leaks() == []
    assert run.open_files(are_kept=python == AS_PROGRAM) == []


def test_the_watcher_of_processes_sees_the_module_run(run: CanaryRun, task: JSON) -> None:
    run.python = AS_PROGRAM
    run.run(task, "--check")
    assert any("AnsiballZ_manifests" in line for line in run.arguments)


@pytest.mark.parametrize("resource", ["secrets", "configmaps", "deployments", "widgets"])
def test_a_webhook_that_quotes_what_it_denies_shows_no_secret(
    engine: Engine, run: CanaryRun, task: JSON, tmp_path: Path, resource: str
) -> None:
    with quoting_webhook(tmp_path, engine.namespace, [resource]) as configuration:
        engine.create(configuration)
        output = run.run(task, "--diff", "-vvv")
        output += run.run(task, "--check", "-vvv")
        engine.delete(configuration)
    assert "denied: " in output
    assert "(hidden " in output
    assert run.leaks() == []


def test_a_webhook_that_quotes_an_older_value_shows_no_secret(
    engine: Engine, run: CanaryRun, aviary: Aviary, task: JSON, tmp_path: Path
) -> None:
    """Only the annotation holds it."""
    older = secret(engine.namespace, "applied", None, password=aviary.canary("percent"))
    body = secret(engine.namespace, "applied", None, password=aviary.canary())
    body["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(older), "example.org/note": "x"}
    engine.create(body, manager="kubectl-client-side-apply")
    quoting = {"example.org/note": older["stringData"]["password"]}
    denied = policy(engine, "secrets", "string(oldObject.metadata.annotations['example.org/note'])")
    engine.edit(body, {"metadata": {"annotations": quoting}})
    for each in denied:
        engine.create(each)
    wanted = [each for each in task["definitions"] if each["metadata"]["name"] == "applied"]
    output = ""
    for _try in range(20):  # policies are loaded a moment after they are made
        output = run.run({"definitions": wanted, "force_conflicts": ["*"]}, "--check", "-vvv")
        if "denied by" in output:
            break
    for each in denied:
        engine.delete(each)
    assert "denied by" in output
    assert run.leaks() == []


def policy(engine: Engine, resource: str, quoted: str) -> list[JSON]:
    """A ValidatingAdmissionPolicy that denies every write in the namespace, and says `quoted`, an expression."""
    name, api = f"quote-{engine.namespace}", "admissionregistration.k8s.io/v1"
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": [resource]}
    selector = {"matchLabels": {"kubernetes.io/metadata.name": engine.namespace}}
    spec = {
        "matchConstraints": {"namespaceSelector": selector, "resourceRules": [rule]},
        "validations": [{"expression": "false", "messageExpression": f"'denied by policy: ' + {quoted}"}],
    }
    binding = {"policyName": name, "validationActions": ["Deny"]}
    return [
        {"apiVersion": api, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": spec},
        {"apiVersion": api, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": binding},
    ]


def test_a_policy_that_quotes_what_it_denies_shows_no_secret(engine: Engine, run: CanaryRun) -> None:
    quoted = "object.data.plain + ' ' + object.data.unicode + ' ' + object.data.lines"
    denied = policy(engine, "secrets", quoted)
    for each in denied:
        engine.create(each)
    body = secret(engine.namespace, "shapes")
    body["stringData"] = {shape: f"{{{{ shapes.{shape} }}}}" for shape in SHAPES}
    output = ""
    for _try in range(20):
        output = run.run({"definitions": [body]}, "--check", "-vvv")
        if "denied by" in output:
            break
    for each in denied:
        engine.delete(each)
    assert "denied by policy: (hidden " in output
    assert run.leaks() == []


def test_a_refusal_that_echoes_the_value_shows_no_secret(engine: Engine, run: CanaryRun, group: str) -> None:
    definition = widget_definition(f"strict.{group}")
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    fields = {"password": {"type": "string", "maxLength": 3}, "pin": {"type": "string", "enum": ["a"]}}
    schema["properties"]["spec"] = {"type": "object", "properties": fields}
    engine.apply(definition)
    custom = widget(f"strict.{group}", engine.namespace)
    custom["spec"] = {"password": "{{ field }}", "pin": "{{ shapes.plain }}"}
    broken = workload(engine.namespace)
    broken["spec"]["template"]["spec"]["containers"][0]["env"] += [
        {"name": "API_TOKEN", "value": "{{ shapes.quotes }}", "valueFrom": {"fieldRef": {"fieldPath": "no.such"}}}
    ]
    shapes = secret(engine.namespace, "shapes", None, plain="{{ shapes.plain }}")
    output = run.run({"definitions": [shapes, custom, broken]}, "--diff", "-vvv")
    output += run.run({"definitions": [shapes, custom, broken]}, "--check", "-vvvv")
    assert "Invalid value" in output or "Unsupported value" in output, output
    assert "(hidden " in output
    assert run.leaks() == []


def test_a_value_that_is_no_base64_shows_no_secret(engine: Engine, run: CanaryRun) -> None:
    output = run.run({"definitions": [{**secret(engine.namespace), "data": {"key": "{{ shapes.percent }}"}}]}, "-vvv")
    assert "data.key of Secret credentials is no base64" in output
    assert run.leaks() == []


def test_a_conflict_shows_no_secret(engine: Engine, run: CanaryRun, values: dict[str, JSON], aviary: Aviary) -> None:
    theirs = secret(engine.namespace, "applied", None, password=aviary.canary())
    engine.create(theirs)
    wanted = secret(engine.namespace, "applied", None, password="{{ second }}")
    output = run.run({"definitions": [wanted, marked(engine.namespace)]}, "--diff", "-vvv")
    assert "belongs to somebody" in output, output
    forced = run.run({"definitions": [wanted], "force_conflicts": ["data"]}, "--diff", "-vvvv")
    assert "changed=1" in forced
    assert live_value(engine, "applied", "password") == values["second"]
    assert run.leaks() == []


@pytest.fixture
def through(engine: Engine, run: CanaryRun, proxy: FaultProxy) -> Iterator[CanaryRun]:
    """The run, by way of a proxy that answers for what this server has not: a kubelet that gives logs."""
    run.kubeconfig = engine.server.kubeconfig_through(proxy.url)
    return run


def test_an_unready_workload_whose_log_and_events_quote_it_shows_no_secret(
    engine: Engine, through: CanaryRun, proxy: FaultProxy, values: dict[str, JSON]
) -> None:
    said = " ".join([values["from_env"], values["flag"], *values["shapes"].values()])
    body, name = workload(engine.namespace), engine.namespace
    shapes = {**secret(name, "shapes"), "stringData": {shape: f"{{{{ shapes.{shape} }}}}" for shape in SHAPES}}
    task = {"definitions": [shapes, body], "wait_timeout": 20}
    through.run({**task, "wait": False})
    made = engine.edit(deployment(name), {"metadata": {"annotations": {REVISION: "1"}}})
    roll_out(engine, made, available=0)
    maker = replica_set(engine, made, 1)
    state = {"terminated": {"exitCode": 1, "reason": "Error", "message": said}}
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": said}}
    status = {"name": "web", "image": "x", "imageID": "", "ready": False, "restartCount": 5}
    crashed = pod(engine, maker, phase="Running", containerStatuses=[{**status, "state": waiting, "lastState": state}])
    event(engine, crashed, "FailedMount", said)
    proxy.inject("/log?", *[lambda handler: handler.answer(200, {"Content-Type": "text/plain"}, said.encode())] * 9)
    output = through.run(task, "-vvv", "--diff")
    assert "the last lines of its log" in output, output
    assert proxy.count("/log?") > 0
    assert "(hidden " in output
    assert through.leaks() == []


FAULTY = """
from ansible_collections.mlops.tracking.plugins.module_utils.module import run_module

def plan(parameters, cluster, mode):
    cluster.mask.learn([{"kind": "Secret", "apiVersion": "v1", "stringData": parameters["values"]}])
    raise ValueError(f"cannot read {parameters['values']}")

run_module({"values": {"type": "dict", "no_log": False}}, plan)
"""


def test_a_fault_of_ours_that_quotes_a_value_shows_no_secret(engine: Engine, aviary: Aviary) -> None:
    values = {"word": aviary.canary(), "other": aviary.canary()}
    parameters = {"kubeconfig": engine.server.kubeconfig, "values": values, "_ansible_tracebacks_for": ["error"]}
    done = subprocess.run(
        [sys.executable, "-c", FAULTY],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": parameters}),
        env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    returned = json.loads(done.stdout)
    assert "This is a fault of mlops.tracking" in returned["msg"]
    told = f"{returned['msg']} {returned['exception']}"
    assert "(hidden " in told
    assert aviary.found_in(told) == []


def test_a_job_shows_no_secret(engine: Engine, run: CanaryRun, values: dict[str, JSON], tmp_path: Path) -> None:
    template = workload(engine.namespace)["spec"]["template"]
    del template["metadata"]
    template["spec"] |= {"restartPolicy": "Never"}
    body = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "one", "namespace": engine.namespace},
        "spec": {"template": template},
    }
    assert "changed=1" in run.run({"definition": body}, "--check", "--diff", "-vvv", module="job")
    with quoting_webhook(tmp_path, engine.namespace, ["jobs"]) as configuration:
        engine.create(configuration)
        denied = run.run({"definition": body, "timeout": 20}, "--diff", "-vvvv", module="job")
        engine.delete(configuration)
    assert "denied: " in denied
    late = run.run({"definition": body, "timeout": 3}, "--diff", "-vvv", module="job")
    assert "Job" in late
    assert "failed=1" in late
    assert values["flag"] in json.dumps(engine.live(body), ensure_ascii=False)
    assert run.leaks() == []


@pytest.fixture
def quoting_server(values: dict[str, JSON]) -> Iterator[str]:
    """The address of a storage server that refuses everybody and says what nobody should."""
    said = html.escape(values["shapes"]["percent"])
    answer = f"<Error><Code>InvalidRequest</Code><Message>no: {said}</Message></Error>".encode()

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(400)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_PUT = do_POST = do_HEAD = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


def test_a_user_of_minio_whose_keys_were_generated_shows_no_secret(
    engine: Engine, run: CanaryRun, aviary: Aviary, quoting_server: str
) -> None:
    name = engine.namespace
    keys = secret(name, "user", {"tracking.mlops/generate": "secret-key=40"}, **{"access-key": "robot"})
    root = secret(name, "root", None, **{"access-key": "root-user", "secret-key": "{{ shapes.percent }}"})
    run.run({"definitions": [keys, root]}, "-vvv", "--diff")
    aviary.adopt(live_value(engine, "user", "secret-key"))
    task = {
        "endpoint": quoting_server,
        "credentials": {"namespace": name, "name": "root"},
        "users": [{"namespace": name, "name": "user", "policies": ["readonly"]}],
    }
    output = run.run(task, "-vvv", "--diff", module="minio_user")
    output += run.run(task, "-vvvv", "--diff", "--check", module="minio_user")
    assert "failed=1" in output, output
    assert run.leaks() == []


def test_a_preflight_shows_no_secret(run: CanaryRun, values: dict[str, JSON], quoting_server: str) -> None:
    check = {
        "variable": "mine",
        "bucket": "artifacts",
        "endpoint": quoting_server,
        "access_key": "robot",
        "secret_key": "{{ shapes.percent }}",
    }
    output = run.run({"s3": [check]}, "-vvv", module="preflight")
    assert "in the way" in output, output
    assert run.leaks() == []
