"""Builds Go programs: static, trimmed, from a folder of this repository or a published module at its version."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from .catalogue import Binary
from .progress import Progress


def build(binary: Binary, images_folder: Path, into: Path, progress: Progress) -> None:
    """Puts `binary` into the folder `into`, with a link for every name it is called as."""
    flags = " ".join(["-s", "-w", *binary.ldflags]).format(version=binary.version)
    common = ["-trimpath", "-buildvcs=false", "-ldflags", flags]
    to_place = ["-mod=readonly", *common, "-o", str(into / binary.name)]
    with progress.step(f"Compile {binary.name} {binary.version}"), tempfile.TemporaryDirectory() as scratch:
        if binary.package:
            copy = _copy_without(binary, fetch(binary, into, progress), Path(scratch))
            progress.run(["go", "build", *to_place, binary.package], folder=copy, environment=environment(into))
        elif binary.module:
            command = ["go", "install", *common, f"{binary.module}@{binary.version}"]
            progress.run(command, folder=into, environment=environment(into))
        else:
            folder = images_folder / binary.source
            progress.run(["go", "build", *to_place, "."], folder=folder, environment=environment(into))
    for name in binary.called_as:
        (into / name).symlink_to(binary.name)


def fetch(binary: Binary, into: Path, progress: Progress) -> Path:
    """Where the binary's module lies in Go's own cache."""
    command = ["go", "mod", "download", "-json", f"{binary.module}@{binary.version}"]
    return Path(json.loads(progress.run(command, folder=into, environment=environment(into)))["Dir"])


def _copy_without(binary: Binary, source: Path, scratch: Path) -> Path:
    """A copy of the module without what is left out: Go takes no changes to its cache, not even by an overlay."""
    left_out = {source / name for name in binary.leave_out}
    copy = scratch / "module"

    def ignored(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if Path(folder, name) in left_out]

    shutil.copytree(source, copy, ignore=ignored, copy_function=shutil.copyfile)
    for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return copy


def environment(into: Path) -> dict[str, str]:
    """The environment of Go: a user's GOFLAGS or GOOS must not change what lies under the hash.

    Where modules come from stays the user's.
    """
    kept = {key: value for key, value in os.environ.items() if key not in ("GOFLAGS", "GOOS", "GOARCH", "GOEXPERIMENT")}
    return {**kept, "CGO_ENABLED": "0", "GOBIN": str(into), "GOWORK": "off"}
