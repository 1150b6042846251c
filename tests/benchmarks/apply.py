"""The same objects applied, applied again and compared by everybody who can, in turn, on a cluster of its own."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fresh
import plot
from contestants import Contestant, Target, contestants
from timing import Series

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster

TITLE = "Applying 50 and 500 objects: half ConfigMaps, half Services"
SIZES = (50, 500)
STEPS = ("first apply", "no change", "differences")
PICTURE = "docs/benchmarks-apply.svg"


@dataclass
class Figures:
    """The seconds of one contestant at one size."""

    name: str
    size: int
    series: dict[str, Series] = field(default_factory=dict)

    def median(self, step: str) -> float | None:
        found = self.series.get(step)
        return found.median if found and found.seconds else None


def measure(root: Path, folder: Path, runs: int) -> str:
    """Markdown with the medians, and the plot beside it; makes a cluster of its own and removes it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "mlops-tracking-benchmarks"
    cache.mkdir(parents=True, exist_ok=True)
    those = contestants(root, cache)
    with fresh.own_cluster(root, folder) as kubeconfig:
        found = [figures for size in SIZES for figures in _measured(those, kubeconfig, folder, size, min(runs, 3))]
    plot.bars(root / PICTURE, {figures.name: _medians(figures) for figures in found if figures.size == max(SIZES)})
    return "\n".join([f"![Medians at {max(SIZES)} objects](../{PICTURE})\n", *_table(found), "", *_ratios(found), ""])


def _measured(those: list[Contestant], kubeconfig: Path, folder: Path, size: int, runs: int) -> list[Figures]:
    taking_part = [each for each in those if size <= each.largest]
    found = {each.name: Figures(each.name, size, {step: Series(step) for step in STEPS}) for each in taking_part}
    with Cluster(str(kubeconfig), fresh.CONTEXT) as cluster:
        for number in range(runs):
            for place, contestant in enumerate(taking_part):
                _one_run(
                    cluster, contestant, found[contestant.name], kubeconfig, folder, f"run-{number}-{place}-{size}"
                )
    return list(found.values())


def _one_run(
    cluster: Cluster, contestant: Contestant, figures: Figures, kubeconfig: Path, folder: Path, namespace: str
) -> None:
    manifests = folder / f"{namespace}.yaml"
    manifests.write_text("---\n".join(json.dumps(each) + "\n" for each in _objects(namespace, figures.size)))
    target = Target(kubeconfig, fresh.CONTEXT, namespace, manifests)
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    cluster.request("POST", "/api/v1/namespaces", body=body)
    figures.series["first apply"].seconds.append(contestant.apply(target))
    figures.series["no change"].seconds.append(contestant.apply(target))
    if contestant.differ is not None:
        figures.series["differences"].seconds.append(contestant.differ(target))
    told = ", ".join(f"{step} {series.seconds[-1]:.2f} s" for step, series in figures.series.items() if series.seconds)
    print(f"  {figures.size} objects, {contestant.name}: {told}", file=sys.stderr, flush=True)
    cluster.request("DELETE", f"/api/v1/namespaces/{namespace}")
    while cluster.get(f"/api/v1/namespaces/{namespace}") is not None:
        time.sleep(0.5)


def _objects(namespace: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(count // 2):
        metadata = {"name": f"object-{number}", "namespace": namespace, "labels": {"app": f"object-{number}"}}
        found.append(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"key": f"value {number}"}}
        )
        spec = {"selector": {"app": f"object-{number}"}, "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}
        found.append({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
    return found


def _medians(figures: Figures) -> dict[str, float]:
    return {step: seconds for step in STEPS if (seconds := figures.median(step)) is not None}


def _table(found: list[Figures]) -> list[str]:
    head = ["| objects | who | " + " | ".join(f"{step}, s" for step in STEPS) + " |", "| --- | --- | --- | --- | --- |"]
    return head + [
        f"| {each.size} | {each.name} | "
        + " | ".join("" if each.median(step) is None else f"{each.median(step):.2f}" for step in STEPS)
        + " |"
        for each in found
    ]


# Ours, theirs, the step, the aim: how many times faster at least.
_AIMS = (
    (1, 3, "no change", 2.5),
    (1, 3, "first apply", 2.5),
    (1, 2, "first apply", 4.0),
    (0, 2, "differences", 4.0),
    (0, 6, "no change", 1.0),
    (0, 6, "first apply", 1.0),
    (0, 6, "differences", 1.0),
)


def _ratios(found: list[Figures]) -> list[str]:
    largest = [each for each in found if each.size == max(SIZES)]
    by_name = {each.name: each for each in largest}
    names = [each.name for each in found if each.size == min(SIZES)]
    lines = []
    for ours, theirs, step, aim in _AIMS:
        one, other = by_name[names[ours]].median(step), by_name[names[theirs]].median(step)
        if one and other:
            lines.append(f"- {step}: {names[ours]} is {other / one:.1f} times as fast as {names[theirs]} (aim {aim:g})")
    return lines
