"""The cache folder: what is built lies under its hash, whole or not at all; one builder at a time per thing."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def default_folder() -> Path:
    """`${XDG_CACHE_HOME:-~/.cache}/mlops-tracking`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mlops-tracking"


class Cache:
    """Folders named `<name>-<hash>`, each published by one rename."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def entry(self, name: str, fingerprint: str) -> Path:
        """Where the built thing lies, or will."""
        return self.folder / f"{name}-{fingerprint}"

    def log(self, kind: str, name: str) -> Path:
        return self.folder / "log" / f"{kind}-{name}.log"

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Holds the lock of `name`; another process that builds the same waits here."""
        locks = self.folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with (locks / name).open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @contextmanager
    def building(self, entry: Path) -> Iterator[Path]:
        """Gives an empty folder that becomes `entry` when the block ends well; a killed build leaves a `.partial`."""
        partial = entry.with_name(entry.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            yield partial
            partial.rename(entry)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
