"""kubectl, server-side as we apply."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from contenders.contender import CHECK, FIRST, SAME, Contender, Measure, Seconds, Target
from contenders.tools import said
from timing import run, timed

NAME = "kubectl apply and diff --server-side"


def contender(root: Path) -> Contender:
    """One that fits the cluster's version: the PATH's, else the built one."""
    program = said([sys.executable, str(root / "images/build.py"), "tool", "kubectl"]).strip()
    version = json.loads(said([program, "version", "--client", "-o", "json"]))["clientVersion"]["gitVersion"]
    apply = _seconds(program, "apply")
    return Contender(NAME, f"kubectl {version}", {FIRST: apply, SAME: apply, CHECK: _seconds(program, "diff")})


def _seconds(program: str, verb: str) -> Measure:
    def measure(target: Target) -> Seconds:
        cluster = ["--kubeconfig", str(target.kubeconfig), "--context", target.context]
        return Seconds(timed(lambda: run([program, *cluster, verb, "--server-side", "-f", str(target.manifests)])))

    return measure
