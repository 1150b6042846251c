"""The engine below module manifests, called by a program of Python: what there is to compare with a library of Go."""

from __future__ import annotations

import sys
from pathlib import Path

from contenders.contender import CHECK, FIRST, SAME, Contender, Measure, Seconds, Target
from timing import run, timed_output

NAME = "the engine without Ansible, its process"
_PROGRAM = Path(__file__).parents[1] / "engine_alone.py"


def contender(_root: Path) -> Contender:
    """Eight objects at once, as the module."""
    steps = {FIRST: _seconds("apply"), SAME: _seconds("apply"), CHECK: _seconds("check")}
    return Contender(NAME, f"Python {sys.version.split()[0]}", steps)


def _seconds(verb: str) -> Measure:
    def measure(target: Target) -> Seconds:
        place = [str(target.kubeconfig), target.context, str(target.manifests)]
        wall, said = timed_output(lambda: run([sys.executable, str(_PROGRAM), *place, verb]))
        return Seconds(wall, float(said))

    return measure
