"""What images/versions.yml says, as types: binaries, Debian bases and images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from .errors import BuildError

Entry = TypeVar("Entry")
IMAGES_FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Binary:
    """A Go program: from a published module at `version`, or from the folder `source` under images/.

    `package` is the one of the module to compile where that is not its own, without the files that `leave_out` names.
    `recipe` says that builder/<recipe>.py builds it, with C as well, from its module and the folder images/<recipe>.
    """

    name: str
    version: str
    module: str = ""
    source: str = ""
    package: str = ""
    leave_out: tuple[str, ...] = ()
    recipe: str = ""
    ldflags: tuple[str, ...] = ()
    called_as: tuple[str, ...] = ()
    minutes: float = 0


@dataclass(frozen=True)
class Base:
    """A Debian root file system with `packages` on top of the minimal ones."""

    name: str
    suite: str
    serial: int
    packages: tuple[str, ...]
    minutes: float = 0


@dataclass(frozen=True)
class Image:
    """An image: the folder of its name under images/ is its build context, with `binaries` added.

    `public` is the reference where a registry answers; `holds` maps images that are put into a node's store
    to the names they get there; `package_index` says that its build asks PyPI.
    """

    name: str
    public: str = ""
    workload: bool = False
    base: str = ""
    binaries: tuple[str, ...] = ()
    holds: tuple[tuple[str, tuple[str, ...]], ...] = ()
    package_index: bool = False
    minutes: float = 0


@dataclass(frozen=True)
class Catalogue:
    """All of versions.yml."""

    folder: Path
    binaries: Mapping[str, Binary]
    bases: Mapping[str, Base]
    images: Mapping[str, Image]

    def binary(self, name: str) -> Binary:
        return _known(self.binaries, name, "binary")

    def base(self, name: str) -> Base:
        return _known(self.bases, name, "base")

    def image(self, name: str) -> Image:
        return _known(self.images, name, "image")

    def workloads(self) -> tuple[Image, ...]:
        """The images that roles run, in the order of the file."""
        return tuple(image for image in self.images.values() if image.workload)


def load(folder: Path = IMAGES_FOLDER) -> Catalogue:
    """Reads `folder`/versions.yml; an unknown key is an error, so that a typing slip never passes as a default."""
    document: dict[str, Any] = yaml.safe_load((folder / "versions.yml").read_text())
    debian = document["debian"]
    return Catalogue(
        folder=folder,
        binaries={name: Binary(name, **_frozen(entry)) for name, entry in document["binaries"].items()},
        bases={name: Base(name, **debian, **_frozen(entry)) for name, entry in document["bases"].items()},
        images={name: Image(name, **_frozen(entry)) for name, entry in document["images"].items()},
    )


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    def freeze(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(freeze(item) for item in value)
        if isinstance(value, dict):
            return tuple((key, freeze(item)) for key, item in value.items())
        return value

    return {key: freeze(value) for key, value in entry.items()}


def _known(entries: Mapping[str, Entry], name: str, kind: str) -> Entry:
    if name not in entries:
        known = ", ".join(sorted(entries))
        raise BuildError(f"There is no {kind} {name!r} in images/versions.yml", mend=f"Known: {known}")
    return entries[name]
