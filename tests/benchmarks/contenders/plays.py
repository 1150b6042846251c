"""A playbook of one task, measured as a whole: everybody who comes as an Ansible module runs in one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from contenders.contender import Seconds, Target
from timing import run, timed


def played(program: Sequence[str], target: Target, task: Mapping[str, object], folder: Path) -> Seconds:
    """Wall seconds of ansible-playbook, started in `folder`."""
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [task],
    }
    playbook = target.manifests.with_suffix(".playbook.yml")
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    return Seconds(timed(lambda: run([*program, "-i", "localhost,", str(playbook)], cwd=folder)))
