"""Module manifests as a process of its own: all that Ansible starts for the task, without Ansible around it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from contenders.contender import CHECK, FIRST, SAME, Contender, Seconds, Target
from timing import run, timed

NAME = "module manifests, its process"
MODULE = "ansible_collections.mlops.tracking.plugins.modules.manifests"


def contender(_root: Path) -> Contender:
    """The module as it lies here."""
    steps = {
        FIRST: lambda target: _seconds(target, check=False),
        SAME: lambda target: _seconds(target, check=False),
        CHECK: lambda target: _seconds(target, check=True),
    }
    return Contender(NAME, f"Python {sys.version.split()[0]}", steps)


def command(target: Target, *, check: bool = False, inventory: str = "") -> list[str]:
    """What starts the module on the target's objects. PYTHONPATH must lead to the collection."""
    options = {
        "kubeconfig": str(target.kubeconfig),
        "context": target.context,
        "wait": False,
        "inventory": inventory,
        "documents": json.dumps([{"source": target.manifests.name, "text": target.manifests.read_text("utf-8")}]),
        "_ansible_check_mode": check,
        "_ansible_diff": check,
    }
    arguments = target.manifests.with_suffix(".arguments.json")
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}), encoding="utf-8")
    return [sys.executable, "-m", MODULE, str(arguments)]


def _seconds(target: Target, *, check: bool) -> Seconds:
    prepared = command(target, check=check)
    return Seconds(timed(lambda: run(prepared)))
