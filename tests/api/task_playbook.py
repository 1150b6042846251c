"""A playbook of a test's own, run by ansible-playbook against the API server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from api_server import ROOT
from engine import Engine

JSON = Any

TEMPLATE = """
# {{ greeting }}
apiVersion: v1
kind: Secret
metadata: {name: rendered, namespace: {{ where }}}
stringData:
  password: {{ password }}
---
{% if extra | default(false) %}
apiVersion: v1
kind: ConfigMap
metadata: {name: extra, namespace: {{ where }}}
data: {key: value}
{% endif %}
"""


class Playbook:
    """Runs tasks against the engine's namespace in a fresh ansible-playbook."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.log = folder / "ansible.log"
        (folder / "templates").mkdir()
        (folder / "templates/set.yaml.j2").write_text(TEMPLATE, encoding="utf-8")
        (folder / "templates/nothing.yaml.j2").write_text("{% if false %}kind: Never{% endif %}\n", encoding="utf-8")

    def run(self, task: Mapping[str, JSON], *flags: str, module: str = "manifests", **variables: JSON) -> str:
        """The output of ansible-playbook with one task."""
        return self.run_tasks([{"name": "Act", f"mlops.tracking.{module}": dict(task)}], *flags, **variables)

    def run_tasks(
        self, tasks: Sequence[Mapping[str, JSON]], *flags: str, vars_files: Sequence[str] = (), **variables: JSON
    ) -> str:
        """The output of ansible-playbook with these tasks."""
        play = {
            "name": "Play",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {
                "ansible_python_interpreter": sys.executable,
                "where": self.engine.namespace,
                "greeting": "Hello",
                "password": "canary-template",
                **variables,
            },
            "module_defaults": {
                "group/mlops.tracking.cluster": {"kubeconfig": self.engine.server.kubeconfig, "context": "all"}
            },
            "vars_files": list(vars_files),
            "tasks": list(tasks),
        }
        (self.folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_LOG_PATH": str(self.log),
            "ANSIBLE_NOCOLOR": "1",
        }
        command = [str(Path(sys.executable).with_name("ansible-playbook")), *flags, "play.yml"]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        return done.stdout + done.stderr
