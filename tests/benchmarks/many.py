"""Up to 5,000 objects with an inventory: the seconds and the memory of the module's process, and whether both grow
with the number of objects alone. Beside it, in the same run, what the API server takes for bare requests."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aims
import plot
from aims import Aim
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from contenders import limit, module_process
from contenders.contender import FIRST, SAME, Target
from measured import Taken
from object_sets import settle, target
from own_cluster import CONTEXT, own_cluster
from timing import Series, run, timed, told

TITLE = "Up to 5,000 objects with an inventory"
SIZES = (500, 1000, 2500, 5000)
PICTURE = "docs/benchmarks-many.svg"
_BARE = f"{FIRST}, bare threads"
_MOST_RUNS = 2
_NOTES = """\
Wall seconds of the module's process with option inventory, its seconds of CPU, and its peak of memory. The bare threads
(eight, urllib3) send the same first apply and nothing else: what they take is the API server's and etcd's time."""


@dataclass
class Figures:
    """Of one number of objects."""

    size: int
    seconds: dict[str, Series] = field(default_factory=lambda: {step: Series(step) for step in (FIRST, SAME, _BARE)})
    cpu: dict[str, Series] = field(default_factory=lambda: {step: Series(step) for step in (FIRST, SAME)})
    peak: float = 0.0

    def of_thousand(self, step: str) -> float:
        """Seconds for each 1,000 objects."""
        return self.seconds[step].median / self.size * 1000


def measure(root: Path, folder: Path, runs: int) -> str:
    """Markdown with the figures and the aims; makes a cluster of its own and removes it."""
    found = [Figures(size) for size in SIZES]
    with own_cluster(root, folder) as kubeconfig, Cluster(str(kubeconfig), CONTEXT) as cluster:
        for number in range(min(runs, _MOST_RUNS)):
            for figures in found:
                size = figures.size
                with target(cluster, kubeconfig, folder, f"bare-{size}-{number}", size) as its:
                    figures.seconds[_BARE].seconds.append(limit.seconds(its, "apply"))
                with target(cluster, kubeconfig, folder, f"module-{size}-{number}", size) as its:
                    _measure_module(cluster, figures, its)
                told(
                    f"{size} objects: "
                    + ", ".join(f"{step} {s.seconds[-1]:.2f} s" for step, s in figures.seconds.items())
                )
    plot.bars(root / PICTURE, {f"{each.size} objects": _medians(each) for each in found})
    return "\n\n".join([_NOTES, f"![Seconds](../{PICTURE})", "\n".join(_table(found)), aims.table(_aims(found))]) + "\n"


def _measure_module(cluster: Cluster, figures: Figures, its: Target) -> None:
    result = its.manifests.with_suffix(".taken.json")
    command = module_process.command(its, inventory=f"{its.namespace}/inventory")
    measured = [sys.executable, str(Path(__file__).parent / "measured.py"), str(result), *command[2:]]
    for step in (FIRST, SAME):
        figures.seconds[step].seconds.append(timed(lambda: run(measured)))
        taken = Taken.read(result)
        figures.cpu[step].seconds.append(taken.cpu)
        figures.peak = max(figures.peak, taken.peak)
        if step == FIRST:
            settle(cluster, its.namespace, figures.size)


def _medians(figures: Figures) -> dict[str, float]:
    return {step: series.median for step, series in figures.seconds.items()}


def _table(found: Sequence[Figures]) -> Iterator[str]:
    steps = (FIRST, SAME, _BARE)
    heads = [f"{step}, s (s per 1,000)" for step in steps] + [f"CPU of {step}, s" for step in (FIRST, SAME)]
    yield f"| objects | {' | '.join(heads)} | peak, MiB |"
    yield "| --- |" + " --- |" * (len(heads) + 1)
    for each in found:
        cells = [f"{each.seconds[step].median:.2f} ({each.of_thousand(step):.2f})" for step in steps]
        cells += [f"{each.cpu[step].median:.2f}" for step in (FIRST, SAME)]
        yield f"| {each.size} | {' | '.join(cells)} | {each.peak:.0f} |"


def _aims(found: Sequence[Figures]) -> Iterator[Aim]:
    least, most = found[0], found[-1]
    yield Aim(f"memory at {most.size} objects", 300, most.peak, " MiB")
    for step in (FIRST, SAME):
        growth = _cpu_of_thousand(most, step) / _cpu_of_thousand(least, step)
        yield Aim(f"{step}: CPU per object at {most.size} objects, times that at {least.size}", 1.2, growth)
    bare = most.seconds[FIRST].median / most.seconds[_BARE].median
    yield Aim(f"{FIRST} at {most.size} objects, times the bare threads'", 1.25, bare)


def _cpu_of_thousand(figures: Figures, step: str) -> float:
    return figures.cpu[step].median / figures.size * 1000
