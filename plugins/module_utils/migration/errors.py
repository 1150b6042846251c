"""Why the program ends other than well.

Every reason is one sentence with its mend, and its kind is the exit code, so that who runs the Job need not read text.
Nothing here ever carries a password: connection strings are not among what an error may hold.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any


class Exit(enum.IntEnum):
    """The exit codes. REFUSED_*: nothing was written to PostgreSQL. FAILED: it was taken back; try again."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED_ROWS = 10
    REFUSED_FILE = 11
    REFUSED_TARGET = 12
    REFUSED_ROOM = 13
    REFUSED_LOCKED = 14
    NEWER_WRITES = 20


class MigrationError(Exception):
    """The base: `code` is the exit code, `details` goes to the report as it is."""

    code = Exit.FAILED

    def __init__(self, sentence: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.details = dict(details or {})


class Failed(MigrationError):
    """Something broke on the way. What was written to PostgreSQL was taken back; the same command may be run again."""


class RowsRefused(MigrationError):
    """The file holds rows that PostgreSQL would not take."""

    code = Exit.REFUSED_ROWS


class FileRefused(MigrationError):
    """The SQLite file is not one that can be migrated: corrupt, of another revision, not MLflow's."""

    code = Exit.REFUSED_FILE


class TargetRefused(MigrationError):
    """PostgreSQL cannot be reached, or is not empty, or holds another schema."""

    code = Exit.REFUSED_TARGET


class RoomRefused(MigrationError):
    """There is too little disk or memory."""

    code = Exit.REFUSED_ROOM


class LockedRefused(MigrationError):
    """Somebody else uses the file, or migrates to the same database."""

    code = Exit.REFUSED_LOCKED


class NewerWrites(MigrationError):
    """PostgreSQL holds what SQLite does not."""

    code = Exit.NEWER_WRITES
