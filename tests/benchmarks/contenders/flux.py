"""Flux's library fluxcd/pkg/ssa, in a small Go program (folder flux beside this one), measured as a process.

Twice: as kustomize-controller calls it (ApplyAllStaged; --concurrent-ssa, which is 4), and as fast as its user can make
it: as many at once as our module has, also for what the library itself does one after the other (the writes).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from contenders.contender import CHECK, FIRST, SAME, Contender, Measure, Seconds, Target
from contenders.tools import built
from timing import run, timed_output

AS_CONTROLLER = "fluxcd/pkg/ssa as kustomize-controller, its process"
EIGHT_AT_ONCE = "fluxcd/pkg/ssa, eight objects at once, its process"
_SOURCE = Path(__file__).parents[1] / "flux"


def as_controller(_root: Path) -> Contender:
    """Checks four at a time, writes one after the other."""
    return _contender(AS_CONTROLLER, "apply-all", "diff", 4)


def eight_at_once(_root: Path) -> Contender:
    """Checks and writes eight at a time."""
    return _contender(EIGHT_AT_ONCE, "apply-each", "diff", 8)


def _contender(name: str, apply: str, differ: str, at_once: int) -> Contender:
    sources = [(_SOURCE / file).read_bytes() for file in ("main.go", "go.mod", "go.sum")]
    pinned = re.search(r"github.com/fluxcd/pkg/ssa (v\S+)", sources[1].decode())
    digest = hashlib.sha256(b"".join(sources)).hexdigest()[:12]
    program = str(built(f"flux-{digest}", ["build", "-o", "{}/flux", "."], _SOURCE) / "flux")
    steps = {
        FIRST: _seconds(program, apply, at_once),
        SAME: _seconds(program, apply, at_once),
        CHECK: _seconds(program, differ, at_once),
    }
    return Contender(name, f"fluxcd/pkg/ssa {pinned[1] if pinned else '?'}", steps)


def _seconds(program: str, verb: str, at_once: int) -> Measure:
    def measure(target: Target) -> Seconds:
        place = [str(target.kubeconfig), target.context, str(target.manifests)]
        wall, said = timed_output(lambda: run([program, *place, verb, str(at_once)]))
        return Seconds(wall, float(said))

    return measure
