"""What has to be built, in order, and which reference each workload runs on; reads, never builds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from . import docker, registry, tools
from .workshop import Workshop

Source = Literal["auto", "registry", "build"]


@dataclass(frozen=True)
class Stage:
    """One thing to build. `title` tells a person what it is, how long it takes and where its progress is written."""

    kind: str
    name: str
    title: str


@dataclass(frozen=True)
class Plan:
    """`source` is what auto came to; `images` maps each image in use to its reference; `stages` are missing.
    An image that no registry has is in use only where it is built.

    `lacks` maps programs that the stages need and the machine has not to a sentence; `problems` are sentences too.
    """

    source: str
    reason: str
    images: dict[str, str]
    stages: list[Stage]
    kind: str
    lacks: dict[str, str]
    problems: list[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def make(workshop: Workshop, source: Source, node_image: str = "") -> Plan:
    """Decides between registry and build, and finds what is missing. `node_image` is an existing cluster's."""
    catalogue = workshop.catalogue
    wanted = ["node", *(image.name for image in catalogue.workloads())]
    public = {name: catalogue.image(name).public for name in wanted if catalogue.image(name).public}
    built = {name: workshop.reference_of(name) for name in wanted}
    chosen, reason = _choose(source, public, built, node_image)
    missing = list(dict.fromkeys(_missing(workshop, wanted))) if chosen == "build" else []
    kind = tools.kind(workshop)
    if not kind.exists():
        missing.insert(0, ("binary", "kind"))
    return Plan(
        source=chosen,
        reason=reason,
        images=public if chosen == "registry" else built,
        stages=[_stage(workshop, kind_of_stage, name) for kind_of_stage, name in missing],
        kind=str(kind),
        lacks=tools.lacking(missing),
        problems=_unreachable(public) if source == "registry" else [],
    )


def _choose(source: Source, public: dict[str, str], built: dict[str, str], node_image: str) -> tuple[str, str]:
    if source != "auto":
        return source, "as asked for"
    if node_image:
        return "build" if node_image.startswith(f"{docker.REPOSITORY}/") else "registry", "as the cluster's own node"
    if docker.built_images().issuperset(built.values()):
        return "build", "the built images are all here"
    mute = registry.silent(registry.hosts(public.values()))
    return ("build", f"no answer from {', '.join(mute)}") if mute else ("registry", "every registry answers")


def _unreachable(public: dict[str, str]) -> list[str]:
    mute = registry.silent(registry.hosts(public.values()))
    if not mute:
        return []
    return [
        f"Variable local_cluster_images cannot be registry: no answer from {', '.join(mute)}. "
        "Set it to build, or give this machine a way there."
    ]


def _missing(workshop: Workshop, images: list[str]) -> Iterator[tuple[str, str]]:
    """What is missing for `images`, each after what it is made of."""
    built = docker.built_images()
    for name in images:
        if workshop.reference_of(name) in built:
            continue
        image = workshop.catalogue.image(name)
        yield from (("binary", binary) for binary in image.binaries if not workshop.path_of(binary).exists())
        if image.base and workshop.base_reference(image.base) not in built:
            yield "base", image.base
        yield from _missing(workshop, [held for held, _ in image.holds])
        yield "image", name


def _stage(workshop: Workshop, kind: str, name: str) -> Stage:
    last = workshop.times.read().get(f"{kind} {name}")
    minutes = {
        "binary": {name: entry.minutes for name, entry in workshop.catalogue.binaries.items()},
        "base": {name: entry.minutes for name, entry in workshop.catalogue.bases.items()},
        "image": {name: entry.minutes for name, entry in workshop.catalogue.images.items()},
    }
    expectation = f"{minutes[kind][name] * 60:.0f} s on two cores with nothing cached"
    if last is not None:
        expectation = f"{last:.0f} s last time, {expectation}"
    return Stage(kind, name, f"{kind} {name}: {expectation}, progress in {workshop.cache.log(kind, name)}")
