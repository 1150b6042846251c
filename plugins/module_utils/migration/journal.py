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


@dataclass
class Journal:
    """One migration. `tables` is {table: {rows, digest}} as proved; `transaction` the one that wrote them all.

    label names this migration among PostgreSQL's sessions, so that what a killed run left there is known for its own.
    """

    path: Path
    label: str = field(default_factory=lambda: secrets.token_hex(4))
    phase: Phase = Phase.NEW
    source: Source | None = None
    target: str = ""
    transaction: int = 0
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    def forget(self) -> None:
        """A new migration begins under the same label; nothing of the one before is in PostgreSQL."""
        fresh = Journal(self.path, label=self.label, history=self.history)
        for each in dataclasses.fields(self):
            setattr(self, each.name, getattr(fresh, each.name))
        self.enter(Phase.NEW)

    def enter(self, phase: Phase) -> None:
        """The migration is in `phase` now, also after a power cut."""
        self.phase = phase
        self.history = [*self.history[-99:], {"phase": phase.value, "at": round(time.time(), 3)}]
        content = dataclasses.asdict(self) | {"format": FORMAT}
        del content["path"]
        files.write_json(self.path, content)


def read(path: Path) -> Journal:
    """The journal at `path`; a new one where there is none, or where it is of another format."""
    content = files.read_json(path)
    if content is None or content.pop("format", None) != FORMAT:
        return Journal(path)
    source = content.pop("source")
    return Journal(path, phase=Phase(content.pop("phase")), source=Source(**source) if source else None, **content)
