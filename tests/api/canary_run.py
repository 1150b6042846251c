"""Real runs of ansible-playbook whose every output is kept: terminal, log, results, files and process arguments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from api_server import ROOT
from canaries import Aviary
from pythons import IN_WORKER

JSON = Any

# Each task is run and its result printed, also when it fails.
_PRINT = {"name": "Print", "ansible.builtin.debug": {"var": "done"}}


class CanaryRun:
    """Runs plays whose values come from a file of variables, as from a vault."""

    def __init__(self, folder: Path, kubeconfig: str, aviary: Aviary, variables: Mapping[str, JSON]) -> None:
        self.python = IN_WORKER
        self.folder = folder
        self.kubeconfig = kubeconfig
        self.aviary = aviary
        self.outputs: list[str] = []
        self.arguments: set[str] = set()
        (folder / "templates").mkdir()
        (folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")

    def template(self, name: str, *objects: Mapping[str, JSON]) -> str:
        """Writes a template; what is in it may name variables."""
        text = "---\n".join(yaml.safe_dump(each) for each in objects)
        (self.folder / "templates" / name).write_text(text, encoding="utf-8")
        return name

    def run(self, task: Mapping[str, JSON], *flags: str, module: str = "manifests", **environment: str) -> str:
        """The terminal's text of a play of this task; all it leaves is added to `outputs`."""
        play = {
            "name": "Play",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars_files": ["variables.json"],
            "vars": {"ansible_python_interpreter": self.python},
            "module_defaults": {"group/mlops.tracking.cluster": {"kubeconfig": self.kubeconfig}},
            "tasks": [
                {"name": "Act", f"mlops.tracking.{module}": dict(task), "register": "done", "ignore_errors": True},
                _PRINT,
                {"name": "Fail", "ansible.builtin.fail": {"msg": "for a retry file"}, "when": "done is failed"},
            ],
        }
        (self.folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), *flags, "play.yml"]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **self._environment(), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        over = threading.Event()
        watcher = threading.Thread(target=self._watch_arguments, args=(over,))
        watcher.start()
        output, _nothing = process.communicate(timeout=180)
        over.set()
        watcher.join()
        self.outputs += [output, *self._left_behind()]
        return output

    def leaks(self) -> list[str]:
        """Every canary that is in some output, or among the arguments of a process."""
        return sorted({each for text in [*self.outputs, *self.arguments] for each in self.aviary.found_in(text)})

    def open_files(self, *, are_kept: bool) -> Sequence[str]:
        """Files of the runs' temporary folders that another user could read: neither they nor a folder above bar it."""
        kept = [each for each in (self.folder / "temporary").rglob("*") if each.is_file()]
        assert bool(kept) == are_kept, kept
        return [
            str(each)
            for each in kept
            if not any(
                part.stat().st_mode & 0o077 == 0
                for part in [each, *each.parents]
                if part.is_relative_to(self.folder / "temporary")
            )
        ]

    def _environment(self) -> dict[str, str]:
        return {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_LOG_PATH": str(self.folder / "ansible.log"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_KEEP_REMOTE_FILES": "1",
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "temporary/local"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "temporary/remote"),
            "ANSIBLE_RETRY_FILES_ENABLED": "1",
            "ANSIBLE_RETRY_FILES_SAVE_PATH": str(self.folder / "retry"),
            # writes each whole result to a file
            "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.tree,mlops.tracking.summary",
            "ANSIBLE_CALLBACK_TREE_DIR": str(self.folder / "results"),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        }

    def _left_behind(self) -> list[str]:
        written = [self.folder / "ansible.log", *(self.folder / "results").glob("*")]
        written += (self.folder / "retry").glob("*")
        return [each.read_text(encoding="utf-8") for each in written]

    def _watch_arguments(self, over: threading.Event) -> None:
        while not over.wait(0.01):
            for each in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = each.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                except OSError:
                    continue  # it has ended
                if "ansible" in line or "python" in line:
                    self.arguments.add(line)
