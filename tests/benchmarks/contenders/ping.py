"""The floor of every playbook: ansible-playbook with one task that does nothing."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

from contenders.contender import SAME, Contender, Seconds, Target
from contenders.plays import played

NAME = "ansible.builtin.ping, the whole playbook"


def contender(root: Path) -> Contender:
    """Nothing is applied, so there is no change alone."""
    program = str(Path(sys.executable).parent / "ansible-playbook")

    def measure(target: Target) -> Seconds:
        return played([program], target, {"ansible.builtin.ping": {}}, root)

    return Contender(NAME, f"ansible-core {importlib.metadata.version('ansible-core')}", {SAME: measure})
