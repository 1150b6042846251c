"""The same objects applied, applied again and compared by everybody who can, in turn, on a cluster of its own."""

from __future__ import annotations

from pathlib import Path

import apply_report
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from contenders import contenders
from contenders.contender import FIRST, Contender, Target
from object_sets import config_maps_and_services, settle, target
from own_cluster import CONTEXT, own_cluster
from rounds import Rounds
from timing import CommandFailed, told

TITLE = "Applying 50 and 500 objects: half ConfigMaps, half Services"
SIZES = (50, 500)
_MOST_RUNS = 3
_LONGEST_STORY = 300


def measure(root: Path, folder: Path, runs: int) -> str:
    """Markdown with the medians and the aims, and the plot beside it; makes a cluster of its own and removes it."""
    those, missing = contenders(root)
    found = {size: Rounds() for size in SIZES}
    with own_cluster(root, folder) as kubeconfig, Cluster(str(kubeconfig), CONTEXT) as cluster:
        for size, rounds in found.items():
            for number in range(min(runs, _MOST_RUNS)):
                for contender in _in_turn(those, size, number):
                    namespace = f"objects-{size}-{number}-{those.index(contender)}"
                    objects = config_maps_and_services(namespace, size)
                    with target(cluster, kubeconfig, folder, namespace, objects) as its:
                        _one_run(cluster, contender, its, rounds, size)
    return apply_report.written(root, those, missing, found)


def _in_turn(those: list[Contender], size: int, number: int) -> list[Contender]:
    """Those who take part in a round; each round begins with another one."""
    start = number % len(those)
    return [each for each in those[start:] + those[:start] if size <= each.largest and number < each.most_runs]


def _one_run(cluster: Cluster, contender: Contender, its: Target, rounds: Rounds, size: int) -> None:
    for step, seconds in contender.steps.items():
        if contender.name in rounds.failures:
            return
        try:
            rounds.note(contender.name, step, seconds(its))
        except CommandFailed as error:
            rounds.failures[contender.name] = f"{step}: {' '.join(str(error).split())[:_LONGEST_STORY]}"
        told(f"{size} objects, {contender.name}, {rounds.last(contender.name, step)}")
        if step == FIRST and contender.name not in rounds.failures:
            settle(cluster, its.namespace, size)
