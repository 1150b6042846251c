"""The hash of everything that something is built from: equal inputs, equal name, so nothing is built twice or stale."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from .catalogue import Base, Binary, Catalogue, Image

RECIPE = 1
"""Raised when the builder's own way of building changes what comes out."""

# What a person reads, or what is pulled instead, changes nothing in what is built.
NO_INPUT = ("minutes", "public", "workload")
_SELDOM = ("package", "leave_out", "recipe")


class Fingerprints:
    """Hashes of the catalogue's entries with everything below them: sources, binaries, bases, held images."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._known: dict[tuple[str, str], str] = {}

    def binary(self, name: str) -> str:
        return self._once("binary", name, lambda: self._of_binary(self.catalogue.binary(name)))

    def base(self, name: str) -> str:
        return self._once("base", name, lambda: _inputs(self.catalogue.base(name)))

    def image(self, name: str) -> str:
        return self._once("image", name, lambda: self._of_image(self.catalogue.image(name)))

    def _of_binary(self, binary: Binary) -> dict[str, Any]:
        files = _files(self.catalogue.folder / binary.source) if binary.source else {}
        if binary.recipe:  # its folder is that of the image too
            files = _files(self.catalogue.folder / binary.recipe, leave_out=("Dockerfile",))
        return {**_inputs(binary), "files": files}

    def _of_image(self, image: Image) -> dict[str, Any]:
        return {
            **_inputs(image),
            "files": _files(self.catalogue.folder / image.name, leave_out=_GO_SOURCES),
            "base": self.base(image.base) if image.base else "",
            "binaries": [self.binary(name) for name in image.binaries],
            "holds": [(self.image(name), names) for name, names in image.holds],
        }

    def _once(self, kind: str, name: str, inputs: Any) -> str:
        if (kind, name) not in self._known:
            text = json.dumps({"recipe": RECIPE, "kind": kind, **inputs()}, sort_keys=True)
            self._known[kind, name] = hashlib.sha256(text.encode()).hexdigest()[:12]
        return self._known[kind, name]


_GO_SOURCES = (".go", ".mod", ".sum", ".in")


def _inputs(entry: Base | Binary | Image) -> dict[str, Any]:
    # What only few entries say counts only where it is said: a new key renames nothing that is built already.
    return {
        key: value
        for key, value in dataclasses.asdict(entry).items()
        if key not in NO_INPUT and not (key in _SELDOM and not value)
    }


def _files(folder: Path, leave_out: tuple[str, ...] = ()) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in leave_out and path.name not in leave_out
    }
