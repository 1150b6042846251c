"""A set of objects with a canary in every place where a secret may lie."""

from __future__ import annotations

import base64
import json
from typing import Any

from canaries import SHAPES, Aviary
from objects_to_apply import config_map, deployment, secret, widget

JSON = Any

# One Secret comes from a template, as in the roles.
TEMPLATE = """
apiVersion: v1
kind: Secret
metadata: {name: rendered, namespace: {{ where }}}
data:
  password: {{ rendered | b64encode }}
"""


def variables(aviary: Aviary, where: str) -> dict[str, JSON]:
    """The values, by the names under which the objects take them in."""
    login = {"username": "robot", "password": aviary.canary(), "auth": ""}
    login["auth"] = base64.b64encode(f"robot:{login['password']}".encode()).decode()
    return {
        "where": where,
        "shapes": {shape: aviary.canary(shape) for shape in SHAPES},
        "rendered": aviary.canary("percent"),
        "docker": json.dumps({"auths": {"images.example.org": login}}),
        "settings": f"[database]\nuser = mlflow\npassword = {aviary.canary()}\n",
        "binary": base64.b64encode(b"\xff\xfe" + aviary.canary().encode()).decode(),
        "marked": aviary.canary("quotes"),
        "marked_lines": aviary.canary("lines"),
        "from_env": aviary.canary("markup"),
        "flag": aviary.canary(),
        "next_flag": aviary.canary("quotes"),
        "command": aviary.canary(),
        "in_url": aviary.canary(),
        "in_url_raw": aviary.canary("url"),
        "in_query": aviary.canary(),
        "header": f"Bearer {aviary.canary()}",
        "field": aviary.canary("backslash"),
        "annotation": aviary.canary(),
        "second": aviary.canary("unicode"),
    }


def canary_set(where: str, group: str) -> list[JSON]:
    """The objects; their values are variables."""
    shapes = secret(where, "shapes")
    shapes["stringData"] = {shape: f"{{{{ shapes.{shape} }}}}" for shape in SHAPES}
    docker = secret(where, "docker")
    docker |= {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "{{ docker }}"}}
    custom = widget(group, where)
    custom["metadata"]["annotations"] = {"example.org/api-token": "{{ annotation }}"}
    custom["spec"] |= {"password": "{{ field }}", "users": [{"name": "one", "secretKey": "{{ field }}"}]}
    return [
        shapes,
        docker,
        secret(where, "settings", None, ini="{{ settings }}"),
        {**secret(where, "binary"), "data": {"key": "{{ binary }}"}},
        secret(where, "made", {"tracking.mlops/generate": "password=40"}),
        secret(where, "copy", {"tracking.mlops/copy": f"{where}/made"}),
        secret(where, "applied", None, password="{{ second }}"),
        marked(where),
        workload(where),
        custom,
    ]


def marked(where: str) -> JSON:
    """A ConfigMap whose annotation says which of its keys are secret."""
    body = config_map(where, "marked", open="to be read", hidden="{{ marked }}", lines="{{ marked_lines }}")
    body["metadata"]["annotations"] = {"tracking.mlops/secret-keys": "hidden, lines, binary"}
    return {**body, "binaryData": {"binary": "{{ binary }}"}}


def workload(where: str) -> JSON:
    """A Deployment with secrets in its environment, its command lines and its probe."""
    body = deployment(where)
    container = body["spec"]["template"]["spec"]["containers"][0]
    container["env"] += [
        {"name": "DB_PASSWORD", "value": "{{ from_env }}"},
        {"name": "DATABASE_URI", "value": "postgresql+psycopg://mlflow:{{ in_url }}@postgres:5432/mlflow"},
        {"name": "BROKER", "value": "redis://:{{ in_url_raw }}@redis:6379/0"},
        {"name": "HOOK", "value": "https://hooks.example.org/send?channel=one&token={{ in_query }}"},
    ]
    container["args"] = ["serve", "--password={{ flag }}", "--secret-key", "{{ next_flag }}", "--port", "8080"]
    container["command"] = ["sh", "-c", "export API_TOKEN={{ command }}; exec serve --log plain"]
    header = {"name": "Authorization", "value": "{{ header }}"}
    container["readinessProbe"] = {"httpGet": {"path": "/", "port": "http", "httpHeaders": [header]}}
    return body
