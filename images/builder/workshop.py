"""Builds what is asked for, and first what that is made of; what is there already is left alone."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from . import authority, debian, docker, go, grafana, node
from .cache import Cache
from .catalogue import Catalogue, Image
from .fingerprint import Fingerprints
from .progress import Progress, Times


class Workshop:
    """Everything that can be built, by kind and name. Each `make_` returns at once where the thing is there."""

    def __init__(self, catalogue: Catalogue, cache: Cache, quiet: bool = False) -> None:
        self.catalogue = catalogue
        self.cache = cache
        self.quiet = quiet
        self.fingerprints = Fingerprints(catalogue)
        self.times = Times(cache.folder / "times.json")

    def path_of(self, binary: str) -> Path:
        return self.cache.entry(binary, self.fingerprints.binary(binary)) / binary

    def reference_of(self, image: str) -> str:
        return docker.reference(image, self.fingerprints.image(image))

    def base_reference(self, base: str) -> str:
        return docker.reference(f"base-{base}", self.fingerprints.base(base))

    def make_binary(self, name: str) -> Path:
        """Builds the binary unless its hash is in the cache, and returns its path."""
        path = self.path_of(name)
        if not path.exists():
            with self.cache.alone(f"binary-{name}"):
                if not path.exists():
                    self._build_binary(name, path)
        return path

    def make_base(self, name: str) -> str:
        return self._make_image("base", name, self.base_reference(name))

    def make_image(self, name: str) -> str:
        """Builds the image unless Docker has its hash, and returns its reference."""
        return self._make_image("image", name, self.reference_of(name))

    def _make_image(self, kind: str, name: str, reference: str) -> str:
        if reference in docker.built_images():
            return reference
        docker.demand()
        with self.cache.alone(f"{kind}-{name}"):
            if reference in docker.built_images():
                return reference
            if kind == "base":
                self._build_base(name, reference)
            else:
                self._build_image(self.catalogue.image(name), reference)
        return reference

    def _build_binary(self, name: str, path: Path) -> None:
        progress, began = Progress(self.cache.log("binary", name), self.quiet), time.monotonic()
        with self.cache.building(path.parent) as partial:
            build = grafana.build if self.catalogue.binary(name).recipe == "grafana" else go.build
            build(self.catalogue.binary(name), self.catalogue.folder, partial, progress)
        self.times.note(f"binary {name}", time.monotonic() - began)

    def _build_base(self, name: str, reference: str) -> None:
        progress, began = Progress(self.cache.log("base", name), self.quiet), time.monotonic()
        debian.build(self.catalogue.base(name), reference, progress)
        self.times.note(f"base {name}", time.monotonic() - began)

    def _build_image(self, image: Image, reference: str) -> None:
        base = self.make_base(image.base) if image.base else ""
        binaries = [self.make_binary(name) for name in image.binaries]
        held = {self.make_image(name): names for name, names in image.holds}
        progress, began = Progress(self.cache.log("image", image.name), self.quiet), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mlops-tracking-") as scratch, progress.step(f"Make image {reference}"):
            context = Path(scratch) / "context"
            shutil.copytree(self.catalogue.folder / image.name, context)
            for binary in binaries:
                shutil.copy2(binary, context)
                for folder in (path for path in binary.parent.iterdir() if path.is_dir()):
                    shutil.copytree(folder, context / folder.name)
            if image.package_index:
                shutil.copy(authority.bundle(), context / "authority.crt")
            arguments = {"BASE": base} if base else {}
            built = docker.build(context, "" if held else reference, progress, arguments)
            if held:
                node.fill(built, reference, held, "/usr/local/bin/entrypoint", Path(scratch), progress)
        docker.drop_stages(progress)
        self.times.note(f"image {image.name}", time.monotonic() - began)
