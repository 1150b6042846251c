"""What has to be built, in order, and which reference each workload runs on; reads, never builds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from . import docker, registry
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
    """`source` is what auto came to; `images` maps each image in use to its reference; `stages` are missing."""

    source: str
    reason: str
    images: dict[str, str]
    stages: list[Stage]
    kind: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def make(workshop: Workshop, source: Source, kind_on_path: str = "") -> Plan:
    """Decides between registry and build, and finds what is missing. `kind_on_path` is a kind that fits, or empty."""
    catalogue = workshop.catalogue
    wanted = ["node", *(image.name for image in catalogue.workloads())]
    chosen, reason = _choose(workshop, source, wanted)
    if chosen == "registry":
        images = {name: catalogue.image(name).public for name in wanted}
        missing: list[tuple[str, str]] = []
    else:
        images = {name: workshop.reference_of(name) for name in wanted}
        missing = list(dict.fromkeys(_missing(workshop, wanted)))
    if not kind_on_path and not workshop.path_of("kind").exists():
        missing.insert(0, ("binary", "kind"))
    return Plan(
        source=chosen,
        reason=reason,
        images=images,
        stages=[_stage(workshop, kind, name) for kind, name in missing],
        kind=kind_on_path or str(workshop.path_of("kind")),
    )


def _choose(workshop: Workshop, source: Source, wanted: list[str]) -> tuple[str, str]:
    if source != "auto":
        return source, "as asked for"
    built = docker.built_images()
    if all(workshop.reference_of(name) in built for name in wanted):
        return "build", "the built images are all here"
    mute = registry.silent(registry.hosts(workshop.catalogue.image(name).public for name in wanted))
    if mute:
        return "build", f"no answer from {', '.join(mute)}"
    return "registry", "every registry answers"


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
