"""One migration at a time for each folder."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from .errors import LockedRefused, RoomRefused


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the folder's lock, which the kernel gives up however this program ends. Raises LockedRefused."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "lock").open("w")
    except OSError as error:
        raise RoomRefused(
            f"{folder} cannot be written to ({error.strerror}): let the Job's user write there (MIGRATION_FOLDER)."
        ) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LockedRefused(f"Another migration works in {folder}: wait until it has ended.") from None
        yield
