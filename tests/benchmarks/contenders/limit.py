"""The limit nobody can pass: eight threads of bare urllib3 with the same requests, from the first to the last."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

from contenders.contender import FIRST, Contender, Measure, Seconds, Target
from timing import run

NAME = "the limit: eight threads of bare urllib3"
DRY_RUN, GET, LIST = "a dry-run PATCH each", "a GET each", "both LISTs"
_PROGRAM = Path(__file__).parents[1] / "bare_requests.py"


def contender(_root: Path) -> Contender:
    """It looks for nothing and decides nothing."""
    verbs = {FIRST: "apply", DRY_RUN: "dry-run", GET: "get", LIST: "list"}
    steps = {step: _measure(verb) for step, verb in verbs.items()}
    return Contender(NAME, f"urllib3 {importlib.metadata.version('urllib3')}", steps)


def _measure(verb: str) -> Measure:
    return lambda target: Seconds(seconds(target, verb))


def seconds(target: Target, verb: str) -> float:
    """From the first request to the last answer. verb: see bare_requests."""
    place = [str(target.kubeconfig), target.context, str(target.manifests)]
    return float(run([sys.executable, str(_PROGRAM), *place, verb]))
