"""The results of subject apply, as Markdown and as a plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import aims
import plot
from aims import Aim
from contenders import engine, flux, kubectl, kubernetes_core, limit, module_process, playbook
from contenders.contender import CHECK, FIRST, SAME, STEPS, Contender
from rounds import ALONE, Rounds

PICTURE = "docs/benchmarks-apply.svg"
_LIMIT_STEPS = (limit.DRY_RUN, FIRST, limit.GET, limit.LIST)

_NOTES = """\
Each figure is the median of whole processes, the wall seconds from start to end, each on a namespace that was empty
before its first apply. Everybody has a turn in each round; no change and differences come when the cluster's own
controllers are done with the Services. Differences: check mode, `kubectl diff`, the library's `Diff`."""


def written(root: Path, those: Sequence[Contender], missing: Mapping[str, str], found: Mapping[int, Rounds]) -> str:
    """The text; the plot is written beside docs/benchmarks.md."""
    largest = found[max(found)]
    plot.bars(root / PICTURE, {each.name: bars for each in those if (bars := _bars(largest, each.name))})
    failed = {name: why for rounds in found.values() for name, why in rounds.failures.items()}
    parts = [
        _NOTES,
        f"![Medians at {max(found)} objects](../{PICTURE})",
        "\n".join(_table(those, found)),
        "\n".join(f"- Not measured: {name}, because {why}" for name, why in {**missing, **failed}.items()),
        "Without the start of a process, from reading the manifests to the last answer:",
        "\n".join(_libraries(found)),
        f"The limit, {limit.NAME.partition(': ')[2]}, from the first request to the last:",
        "\n".join(_limit(found)),
        f"The aims, at {max(found)} objects:",
        aims.table([*_aims(largest), *_aims_beside_flux(found)]),
        "\n".join(f"- {each.name}: {each.version}" for each in those),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _bars(rounds: Rounds, who: str) -> Mapping[str, float]:
    return (
        {} if who == limit.NAME else {step: seconds for step, seconds in rounds.medians(who).items() if step in STEPS}
    )


def _table(those: Sequence[Contender], found: Mapping[int, Rounds]) -> Iterator[str]:
    yield _head("objects", "who", STEPS)
    for size, rounds in found.items():
        for each in those:
            if each.name != limit.NAME and rounds.medians(each.name):
                yield f"| {size} | {each.name} | {_cells(rounds, each.name, STEPS)} |"


def _libraries(found: Mapping[int, Rounds]) -> Iterator[str]:
    yield _head("objects", "library", STEPS)
    for size, rounds in found.items():
        for name in (engine.NAME, flux.AS_CONTROLLER, flux.EIGHT_AT_ONCE):
            cells = _cells(rounds, name, [step + ALONE for step in STEPS])
            yield f"| {size} | {name.removesuffix(', its process')} | {cells} |"


def _limit(found: Mapping[int, Rounds]) -> Iterator[str]:
    yield _head("objects", "who", _LIMIT_STEPS)
    for size, rounds in found.items():
        yield f"| {size} | bare urllib3 | {_cells(rounds, limit.NAME, _LIMIT_STEPS)} |"


def _head(first: str, second: str, steps: Sequence[str]) -> str:
    heads = [first, second, *(f"{step}, s" for step in steps)]
    return f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}"


def _cells(rounds: Rounds, who: str, steps: Sequence[str]) -> str:
    medians = rounds.medians(who)
    return " | ".join(f"{medians[step]:.2f}" if step in medians else "" for step in steps)


def _aims(rounds: Rounds) -> Iterator[Aim]:
    module, play, core = module_process.NAME, playbook.NAME, kubernetes_core.ONE_TASK
    yield Aim(f"{module}: {SAME}", 0.8, rounds.median(module, SAME), " s")
    yield Aim(f"{module}: {FIRST}", 1.6, rounds.median(module, FIRST), " s")
    for step in (FIRST, SAME):
        yield _faster(rounds, play, "kubernetes.core in one task", core, step, 2.5)
    for step in (FIRST, SAME):
        yield _faster(rounds, play, "kubectl apply", kubectl.NAME, step, 4)
    yield _faster(rounds, module, "kubectl diff", kubectl.NAME, CHECK, 4)


def _aims_beside_flux(found: Mapping[int, Rounds]) -> Iterator[Aim]:
    for library, told in ((flux.AS_CONTROLLER, "Flux as its controller"), (flux.EIGHT_AT_ONCE, "Flux, eight at once")):
        for step in STEPS:
            yield _faster(found[max(found)], module_process.NAME, told, library, step, 1)
        for size, rounds in found.items():
            for step in STEPS:
                times = rounds.times(library, engine.NAME, step + ALONE)
                yield Aim(f"the engine alone: {step}, {size} objects, times as fast as {told}", 1, times, is_least=True)


def _faster(rounds: Rounds, ours: str, told: str, theirs: str, step: str, times: float) -> Aim:
    what = f"{ours}: {step}, times as fast as {told}"
    return Aim(what, times, rounds.times(theirs, ours, step), is_least=True)
