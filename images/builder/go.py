"""Builds Go programs: static, trimmed, from a folder of this repository or a published module at its version."""

from __future__ import annotations

import os
from pathlib import Path

from .catalogue import Binary
from .progress import Progress


def build(binary: Binary, images_folder: Path, into: Path, progress: Progress) -> None:
    """Puts `binary` into the folder `into`, with a link for every name it is called as."""
    flags = " ".join(["-s", "-w", *binary.ldflags]).format(version=binary.version)
    common = ["-trimpath", "-buildvcs=false", "-ldflags", flags]
    with progress.step(f"Compile {binary.name} {binary.version}"):
        if binary.module:
            command = ["go", "install", *common, f"{binary.module}@{binary.version}"]
            progress.run(command, folder=into, environment=_environment(into))
        else:
            command = ["go", "build", "-mod=readonly", *common, "-o", str(into / binary.name), "."]
            progress.run(command, folder=images_folder / binary.source, environment=_environment(into))
    for name in binary.called_as:
        (into / name).symlink_to(binary.name)


def _environment(into: Path) -> dict[str, str]:
    # A user's GOFLAGS or GOOS must not change what lies under the hash; where modules come from stays theirs.
    kept = {key: value for key, value in os.environ.items() if key not in ("GOFLAGS", "GOOS", "GOARCH", "GOEXPERIMENT")}
    return {**kept, "CGO_ENABLED": "0", "GOBIN": str(into), "GOWORK": "off"}
