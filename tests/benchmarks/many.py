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
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from contenders import limit, module_process
from contenders.contender import FIRST, SAME, Target
from measured import Taken
from object_sets import config_maps, target
from own_cluster import CONTEXT, own_cluster
from timing import Series, run, timed, told

TITLE = "Up to 5,000 ConfigMaps with an inventory"
SIZES = (500, 1000, 2500, 5000)
PICTURE = "docs/benchmarks-many.svg"
_BARE = f"{FIRST} by bare threads"
_STEPS = (FIRST, SAME, _BARE)
_MOST_RUNS = 3
_MOST_GROWTH = 1.1
_NOTES = """\
Wall seconds of the module's process with option inventory, its seconds of CPU, and its peak of memory. The bare threads
(eight, urllib3) send the same first apply and nothing else: what they take is the API server's and etcd's time.
ConfigMaps, as a Service costs the API server the more the more of them there are: it lists all addresses twice at each
new one (its `ipallocator.go`, for metrics), whoever asks."""


@dataclass
class Figures:
    """Of one number of objects."""

    size: int
    seconds: dict[str, Series] = field(default_factory=lambda: {step: Series(step) for step in _STEPS})
    cpu: dict[str, Series] = field(default_factory=lambda: {step: Series(step) for step in (FIRST, SAME)})
    peak: float = 0.0

    def cell(self, step: str) -> str:
        """Seconds, and seconds for each 1,000 objects."""
        median = self.seconds[step].median
        return f"{median:.2f} ({median / self.size * 1000:.2f})"


def measure(root: Path, folder: Path, runs: int) -> str:
    """Markdown with the figures and the aims; makes a cluster of its own and removes it."""
    found = [Figures(size) for size in SIZES]
    with own_cluster(root, folder) as kubeconfig, Cluster(str(kubeconfig), CONTEXT) as cluster:
        for number in range(min(runs, _MOST_RUNS)):
            for figures in found:
                for measured in (_measure_bare, _measure_module):
                    namespace = f"{measured.__name__.replace('_', '-').strip('-')}-{figures.size}-{number}"
                    objects = config_maps(namespace, figures.size)
                    with target(cluster, kubeconfig, folder, namespace, objects) as its:
                        measured(figures, its)
                last = [f"{step} {series.seconds[-1]:.2f} s" for step, series in figures.seconds.items()]
                told(f"{figures.size} objects: {', '.join(last)}")
    plot.bars(root / PICTURE, {f"{each.size} objects": _medians(each) for each in found})
    return "\n\n".join([_NOTES, f"![Seconds](../{PICTURE})", "\n".join(_table(found)), aims.table(_aims(found))]) + "\n"


def _measure_bare(figures: Figures, its: Target) -> None:
    figures.seconds[_BARE].seconds.append(limit.seconds(its, "apply"))


def _measure_module(figures: Figures, its: Target) -> None:
    result = its.manifests.with_suffix(".taken.json")
    command = module_process.command(its, inventory=f"{its.namespace}/inventory")
    measured = [sys.executable, str(Path(__file__).parent / "measured.py"), str(result), *command[2:]]
    for step in (FIRST, SAME):
        figures.seconds[step].seconds.append(timed(lambda: run(measured)))
        taken = Taken.read(result)
        figures.cpu[step].seconds.append(taken.cpu)
        figures.peak = max(figures.peak, taken.peak)


def _medians(figures: Figures) -> dict[str, float]:
    return {step: series.median for step, series in figures.seconds.items()}


def _table(found: Sequence[Figures]) -> Iterator[str]:
    heads = [f"{step}, s (per 1,000)" for step in _STEPS] + [f"CPU of {step}, s" for step in (FIRST, SAME)]
    yield f"| objects | {' | '.join(heads)} | peak, MiB |"
    yield "| --- |" + " --- |" * (len(heads) + 1)
    for each in found:
        cells = [each.cell(step) for step in _STEPS] + [f"{series.median:.2f}" for series in each.cpu.values()]
        yield f"| {each.size} | {' | '.join(cells)} | {each.peak:.0f} |"


def _aims(found: Sequence[Figures]) -> Iterator[Aim]:
    least, most = found[0], found[-1]
    yield Aim(f"memory at {most.size} objects", 300, most.peak, " MiB")
    linear = most.size / least.size * _MOST_GROWTH
    for step in (FIRST, SAME):
        growth = most.seconds[step].median / least.seconds[step].median
        yield Aim(f"{step}: {most.size} objects, times the seconds of {least.size}", linear, growth)
