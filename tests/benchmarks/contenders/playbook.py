"""Module manifests in a playbook of one task."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

from contenders.contender import CHECK, FIRST, SAME, Contender, Measure, Seconds, Target
from contenders.plays import played

NAME = "module manifests, the whole playbook"


def contender(root: Path) -> Contender:
    """As the collection's own ansible.cfg has it run."""
    steps = {FIRST: _play(root), SAME: _play(root), CHECK: _play(root, "--check", "--diff")}
    return Contender(NAME, f"ansible-core {importlib.metadata.version('ansible-core')}", steps)


def _play(root: Path, *arguments: str) -> Measure:
    program = str(Path(sys.executable).parent / "ansible-playbook")

    def measure(target: Target) -> Seconds:
        task = {
            "mlops.tracking.manifests": {
                "kubeconfig": str(target.kubeconfig),
                "context": target.context,
                "templates": [str(target.manifests)],
                "wait": False,
            }
        }
        return played([program, *arguments], target, task, root)

    return measure
