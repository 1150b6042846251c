"""Carrying a database from one end to the other, as blocks: all of it while it is written to, then what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.far.blocks import SIZE
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import Remote
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any


@dataclass(frozen=True)
class Proof:
    """What both sides hold, having been compared: {table: rows and digest}; runs as the API is to tell them."""

    tables: Mapping[str, Mapping[str, JSON]]
    runs: Mapping[str, Mapping[str, str]]

    @property
    def rows(self) -> int:
        return sum(int(table["rows"]) for table in self.tables.values())


@dataclass(frozen=True)
class Copying:
    """From `source`, where the old server's file is at `path`, to `target`."""

    source: Remote
    target: Remote
    path: str
    progress: Progress

    def ahead(self) -> None:
        """The file as it is read while the server writes: no database yet, but most of its blocks."""
        self._carry("database", self.path, "copied while it serves")

    def hold(self, seconds: float) -> bool:
        """From here nobody writes; gives whether there is a write-ahead log besides the file."""
        return bool(self.source.ask("hold", path=self.path, seconds=seconds)["has_wal"])

    def as_it_is(self) -> Proof:
        """What a file holds that need not be copied."""
        told = self.source.ask("rows", path=self.path)
        return Proof(told["rows"], told["runs"])

    def rest(self, *, has_wal: bool) -> Proof:
        """What has changed since, and then the proof that both sides hold the same. Raises TrackingError."""
        self._carry("database", self.path, "copied while it is held still")
        if has_wal:
            self._carry("wal", f"{self.path}-wal", "copied while it is held still")
        self.source.tell("rows", path=self.path)
        proved = self.target.ask("prove")
        told = self.source.answer()[0]
        differing = sorted(
            table for table in {*told["rows"], *proved["rows"]} if told["rows"].get(table) != proved["rows"].get(table)
        )
        if proved["integrity"] != ["ok"] or differing:
            raise TrackingError(
                "The copy of its database is not equal to it",
                why="; ".join([*(proved["integrity"] if proved["integrity"] != ["ok"] else []), *differing]),
                mend="Run the same again; the old server serves on",
            )
        return Proof(told["rows"], told["runs"])

    def _carry(self, part: str, path: str, what: str) -> None:
        self.target.tell("known", part=part)
        known = self.target.answer()[1]
        self.source.tell("blocks", known, path=path)
        count = 0
        while True:
            message, payload = self.source.answer()
            if "block" not in message:
                break
            count += 1
            self.target.tell("block", payload, part=part, block=message["block"])
            self.progress.now(f"its {part}", f"{count * SIZE >> 20} MiB {what}")
        answer = self.target.ask("end", part=part, size=message["size"], sha256=message["sha256"])
        if not answer["is_equal"]:
            raise TrackingError(
                "The copy of its database is not what was read",
                why=f"the digests of its {part} differ",
                mend="Run again",
            )
        self.progress.end(f"its {part}", f"{message['size']:,} bytes, {count} blocks sent")
