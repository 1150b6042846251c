"""The drift check's own play, over clusters and sets of a test's choice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from api_server import ROOT

JSON = Any


@dataclass(frozen=True)
class Done:
    """How a run ended. files: the reports it wrote, by their names."""

    status: int
    output: str
    files: Mapping[str, str]


class DriftPlaybook:
    """Runs the play of playbooks/drift.yml with other tasks in place of the roles."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reports = folder / "reports"

    def run(
        self, clusters: Mapping[str, JSON], tasks: Sequence[JSON], *flags: str, callbacks: str = "", **variables: JSON
    ) -> Done:
        """clusters: the variables of each host. callbacks: which are enabled, empty for those of ansible.cfg."""
        [play] = yaml.safe_load((ROOT / "playbooks/drift_check.yml").read_text(encoding="utf-8"))
        report = yaml.safe_load((ROOT / "playbooks/tasks/drift_report.yml").read_text(encoding="utf-8"))
        play |= {"hosts": "clusters", "tasks": [*tasks, *report]}
        every = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, **variables}
        inventory = {"all": {"vars": every, "children": {"clusters": {"hosts": dict(clusters)}}}}
        (self.folder / "drift.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_NOCOLOR": "1",
            **({"ANSIBLE_CALLBACKS_ENABLED": callbacks} if callbacks else {}),
        }
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.yml", *flags, "drift.yml"]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=180
        )
        written = self.reports.iterdir() if self.reports.is_dir() else ()
        files = {path.name: path.read_text(encoding="utf-8") for path in written}
        return Done(done.returncode, done.stdout + done.stderr, files)


def keep(name: str, *definitions: JSON, **options: JSON) -> JSON:
    """A task that keeps a set."""
    return {"name": name, "mlops.tracking.manifests": {"definitions": list(definitions), **options}}
