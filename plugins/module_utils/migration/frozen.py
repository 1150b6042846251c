"""The frozen file: held so that nobody writes to it, with its digest taken and a copy kept that is proved equal."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from . import files, sqlite_file
from .errors import Failed, RoomRefused
from .journal import Source

_SPARE = 16 << 20


def need_room(sqlite: Path, folder: Path) -> None:
    """The folder's volume can hold the copy. Raises RoomRefused."""
    size = sqlite.stat().st_size
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    own = (path for end in ("frozen", "preflight") for path in folder.glob(f"*.{end}"))
    free = shutil.disk_usage(existing).free + sum(path.stat().st_size for path in own)
    if free < size + _SPARE:
        raise RoomRefused(
            f"{folder} has {free >> 20:,} MiB free and the copy of {sqlite.name} needs {(size + _SPARE) >> 20:,} MiB: "
            "enlarge the volume (persistence_size), or name another folder (MIGRATION_FOLDER)."
        )


class Frozen:
    """A file that is held, and its copy. It stays open: to close a handle would give up SQLite's lock (POSIX).

    connection: that which holds it, to read the file by.
    """

    def __init__(self, path: Path, copy: Path) -> None:
        self.path, self.copy = path, copy
        self.connection: sqlite3.Connection
        self._stream = path.open("rb")
        self.size = path.stat().st_size
        self.sha256 = ""

    def keep_copy(self) -> Source:
        """Copies the file and proves the copy equal. Raises RoomRefused."""
        self._stream.seek(0)
        try:
            self.sha256 = files.copy_with_digest(self._stream, self.copy)
        except OSError as error:
            self.copy.unlink(missing_ok=True)
            raise _no_room(self.copy, error) from None
        return Source(path=str(self.path), size=self.size, sha256=self.sha256)

    def digest(self) -> str:
        """SHA-256 of the file's bytes."""
        self._stream.seek(0)
        self.sha256 = files.digest_of_stream(self._stream)
        return self.sha256

    def need_unchanged(self) -> None:
        """The file's bytes are those that were copied. Raises Failed."""
        before = self.sha256
        if self.digest() != before:
            raise Failed(f"{self.path} has changed while it was held: some program ignores SQLite's locks. Stop it.")


@contextlib.contextmanager
def snapshot(path: Path, copy: Path, patience: float) -> Iterator[Path]:
    """A consistent copy of a file that MLflow uses, removed afterwards.

    Writers wait while it is made, and no longer: what takes minutes is asked of the copy. Raises FileRefused,
    LockedRefused, RoomRefused.
    """
    sqlite_file.check_bytes(path)
    sqlite_file.check_companions(path, patience)
    try:
        _copy(path, copy, patience)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _copy(path: Path, copy: Path, patience: float) -> None:
    try:
        # The handle is closed after the lock was given up, as closing it gives it up (POSIX).
        with path.open("rb") as source, sqlite_file.shared(path, patience), copy.open("wb") as target:
            shutil.copyfileobj(source, target, files.BLOCK)
    except OSError as error:
        raise _no_room(copy, error) from None


def _no_room(copy: Path, error: OSError) -> RoomRefused:
    return RoomRefused(
        f"The copy {copy} could not be written ({error.strerror or error}): enlarge the volume (persistence_size), or "
        "name another folder (MIGRATION_FOLDER)."
    )


@contextlib.contextmanager
def frozen(path: Path, copy: Path, seconds: float) -> Iterator[Frozen]:
    """Holds the file. Raises LockedRefused where somebody uses it, FileRefused where a transaction was left open."""
    sqlite_file.check_bytes(path)
    sqlite_file.check_companions(path)
    file = Frozen(path, copy)
    with sqlite_file.held(path, seconds) as file.connection:
        yield file
