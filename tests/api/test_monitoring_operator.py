"""Role monitoring where a Prometheus Operator is served: its CustomResourceDefinitions judge what the role makes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_server import ROOT
from engine import Engine

JSON = Any

# The newest release whose module a Go proxy gives everywhere; fields that it lacks would be refused.
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.65.1"
DEFINITIONS = ("servicemonitors", "prometheusrules")
ROLE_FILES = [f"{role}/defaults/main.yml" for role in ("minio", "persistence", "mlflow")] + [
    "persistence/vars/main.yml"
]
GROUP = "/apis/monitoring.coreos.com/v1/namespaces"


@pytest.fixture
def operator(engine: Engine) -> Engine:
    """A server that serves monitoring.coreos.com/v1, and the stack's namespaces."""
    download = ["go", "mod", "download", "-json", OPERATOR]
    said = subprocess.run(download, cwd="/", capture_output=True, text=True, check=True).stdout
    folder = Path(json.loads(said)["Dir"]) / "example/prometheus-operator-crd"
    made = [yaml.safe_load((folder / f"monitoring.coreos.com_{name}.yaml").read_text()) for name in DEFINITIONS]
    made += [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        for name in ("monitoring", "storage", "training")
    ]
    engine.apply(*made)
    return engine


class Role:
    """Runs the role's deployment in a fresh ansible-playbook."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder

    def deploy(self, **variables: JSON) -> JSON:
        """What the task that applies, or takes away, returned."""
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {
                "ansible_python_interpreter": sys.executable,
                "kubernetes_kubeconfig": str(self.engine.server.kubeconfig),
                "kubernetes_context": "all",
                **variables,
            },
            "vars_files": [str(ROOT / "roles" / file) for file in ROLE_FILES],
            "module_defaults": {
                "group/mlops.tracking.cluster": {"kubeconfig": str(self.engine.server.kubeconfig), "context": "all"}
            },
            "tasks": [
                {"ansible.builtin.include_role": {"name": "mlops.tracking.monitoring", "tasks_from": "deploy"}},
                {
                    "ansible.builtin.copy": {
                        "content": "{{ [monitoring_deployed, monitoring_taken_away] | to_json }}",
                        "dest": str(self.folder / "result.json"),
                    }
                },
            ],
        }
        (self.folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
        environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".collections")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "play.yml"]
        extra = ["-e", json.dumps(variables)]
        done = subprocess.run(
            [*command, *extra],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        deployed, taken_away = json.loads((self.folder / "result.json").read_text())
        return deployed if "objects" in deployed else taken_away


@pytest.fixture
def role(operator: Engine, tmp_path: Path) -> Role:
    return Role(operator, tmp_path)


def names(engine: Engine, path: str) -> set[str]:
    return {one["metadata"]["name"] for one in engine.cluster.request("GET", path)["items"]}


def test_gives_a_served_operator_what_it_scrapes_and_evaluates_and_a_second_run_nothing(role: Role) -> None:
    labels = {"monitoring_operator_labels": {"release": "mine"}, "monitoring_dashboard_labels": {"shown": "here"}}
    role.deploy(**labels)
    engine = role.engine
    assert names(engine, f"{GROUP}/monitoring/servicemonitors") == {"mlflow", "mlflow-exporter", "pushgateway"}
    assert names(engine, f"{GROUP}/storage/servicemonitors") == {"minio"}
    (rule,) = engine.cluster.request("GET", f"{GROUP}/monitoring/prometheusrules")["items"]
    assert rule["metadata"]["labels"]["release"] == "mine"
    alerts = {one["alert"] for one in rule["spec"]["groups"][0]["rules"]}
    assert {"MLflowDown", "MinIORejectedAuth", "VolumeFullSoon"} <= alerts
    assert "ConfigurationRefused" not in alerts
    maps = engine.cluster.request(
        "GET", "/api/v1/namespaces/monitoring/configmaps", query={"labelSelector": "shown=here"}
    )["items"]
    assert {one["metadata"]["name"].removeprefix("tracking-dashboard-") for one in maps} == {
        "overview",
        "mlflow",
        "minio",
        "training",
    }
    assert engine.cluster.get("/apis/apps/v1/namespaces/monitoring/statefulsets/prometheus") is None
    assert role.deploy(**labels)["changed"] is False


def test_gives_it_postgres_too_where_mlflow_is_on_it(role: Role) -> None:
    engine = role.engine
    password = {"metadata": {"name": "postgres-user-exporter"}, "stringData": {"password": "made-for-a-test"}}
    engine.cluster.request("POST", "/api/v1/namespaces/monitoring/secrets", body=password)
    role.deploy(mlflow_is_on_postgres=True)
    (monitor,) = engine.cluster.request(
        "GET", f"{GROUP}/monitoring/servicemonitors", query={"fieldSelector": "metadata.name=postgres"}
    )["items"]
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["metricRelabelings"][0]["replacement"] == "mlflow_$1"
    service = engine.cluster.request("GET", "/api/v1/namespaces/monitoring/services/postgres-exporter")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert endpoint["port"] in [port["name"] for port in service["spec"]["ports"]]
    (rule,) = engine.cluster.request("GET", f"{GROUP}/monitoring/prometheusrules")["items"]
    alerts = {one["alert"] for one in rule["spec"]["groups"][0]["rules"]}
    assert {"PostgreSQLDown", "PostgreSQLConnectionsHigh"} <= alerts
    assert role.deploy(mlflow_is_on_postgres=True)["changed"] is False
    assert role.deploy(mlflow_is_on_postgres=False)["changed"] is True


def test_mode_none_takes_away_what_another_mode_made(role: Role) -> None:
    role.deploy(monitoring_mode="operator")
    assert role.deploy(monitoring_mode="none")["changed"] is True
    assert names(role.engine, f"{GROUP}/monitoring/servicemonitors") == set()
    assert names(role.engine, f"{GROUP}/monitoring/prometheusrules") == set()
