"""The journal: how far a migration is, so that one that was killed is taken up where that is safe."""

from __future__ import annotations

import dataclasses
import enum
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import files

FORMAT = 1


class Phase(enum.StrEnum):
    """In this order. From COMMITTING on PostgreSQL may hold everything; only from DONE on it is known to."""

    NEW = "new"
    FROZEN = "frozen"
    COPYING = "copying"
    COMMITTING = "committing"
    DONE = "done"


@dataclass(frozen=True)
class Source:
    """The frozen file: its bytes, and those of the -wal or -journal that lay beside it."""

    path: str
    size: int
    sha256: str
    companions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Copy:
    """What one transaction wrote to PostgreSQL, if it was committed: tables is {table: {rows, digest}}.

    quarantined: {table: rows that were left out}, left_out: ids of these rows and of what they belong to.
    """

    target: str
    transaction: int
    sha256: str
    tables: dict[str, dict[str, Any]]
    quarantined: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Of all tables together."""
        return sum(told["rows"] for told in self.tables.values())


@dataclass
class Journal:
    """One migration. `copies` are the newest and the one before, which it replaces if it was committed.

    label names this migration among PostgreSQL's sessions, so that what a killed run left there is known for its own.
    """

    path: Path
    label: str = field(default_factory=lambda: secrets.token_hex(4))
    phase: Phase = Phase.NEW
    source: Source | None = None
    copies: list[Copy] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def copy(self) -> Copy | None:
        """What this migration wrote; None before it has written everything."""
        return self.copies[0] if self.phase in (Phase.COMMITTING, Phase.DONE) and self.copies else None

    def enter(self, phase: Phase) -> None:
        """The migration is in `phase` now, also after a power cut."""
        self.phase = phase
        self.history = [*self.history[-99:], {"phase": phase.value, "at": round(time.time(), 3)}]
        content = dataclasses.asdict(self) | {"format": FORMAT}
        del content["path"]
        files.write_json(self.path, content)

    def commit(self, copy: Copy) -> None:
        """`copy` is about to be committed: from here on PostgreSQL may hold it."""
        self.copies = [copy, *self.copies[:1]]
        self.enter(Phase.COMMITTING)


def read(path: Path) -> Journal:
    """The journal at `path`; a new one where there is none, or where it is of another format."""
    content = files.read_json(path)
    if content is None or content.pop("format", None) != FORMAT:
        return Journal(path)
    source, copies = content.pop("source"), content.pop("copies")
    return Journal(
        path,
        phase=Phase(content.pop("phase")),
        source=Source(**source) if source else None,
        copies=[Copy(**copy) for copy in copies],
        **content,
    )
