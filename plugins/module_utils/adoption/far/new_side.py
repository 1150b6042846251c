"""Beside our claim, on our own image: takes the copy in, proves it, and puts it in its place by one rename."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import sys
import zlib
from typing import Any

from ...migration.revisions import of_image
from . import blocks, rows
from .wire import Refused, Wire

JSON = Any

_PARTS = {"database": "", "wal": "-wal"}
_SPARE = 16 << 20


def main() -> None:
    """Serves the other end. The argument is the path that the database is to have."""
    side = _Side(sys.argv[1])
    Wire().serve(
        {
            "look": side.look,
            "begin": side.begin,
            "known": side.known,
            "block": side.block,
            "end": side.end,
            "prove": side.prove,
            "place": side.place,
        }
    )


class _Side:
    """database: the path it is to have; mark: the file beside it that says where it came from."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._copy = f"{database}.adopting"
        self._mark = os.path.join(os.path.dirname(database), "adopted.json")

    def look(self, wire: Wire, message: JSON, _payload: bytes) -> None:
        """What is there, and whether it may be replaced by a copy from `origin`."""
        revisions = of_image("tracking")
        wire.send(
            {
                "head": revisions.head,
                "known": sorted(revisions.known),
                "may_be_placed": self._may_be_placed(message["origin"]),
                "is_there": os.path.exists(self._database),
            }
        )

    def _may_be_placed(self, origin: str) -> bool:
        if not os.path.exists(self._database):
            return True
        try:
            with open(self._mark, encoding="utf-8") as stream:
                mark = json.load(stream)
        except (OSError, ValueError):
            return False
        return bool(mark["origin"] == origin and mark["sha256"] == blocks.sha256_of(self._database))

    def begin(self, wire: Wire, message: JSON, _payload: bytes) -> None:
        """There is room, and nothing of a copy that was broken off in the write-ahead log."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{self._copy}-wal")
        own = os.path.getsize(self._copy) if os.path.exists(self._copy) else 0
        free = shutil.disk_usage(os.path.dirname(self._database)).free + own
        if free < message["size"] + _SPARE:
            raise Refused(
                f"the claim has {free >> 20} MiB free, its database needs {(message['size'] + _SPARE) >> 20} MiB: "
                "set persistence_size higher, or remove what else lies on the claim"
            )
        wire.send({})

    def known(self, wire: Wire, message: JSON, _payload: bytes) -> None:
        """The digests of what is there of a part of the copy."""
        path = self._part(message)
        digests = b""
        if os.path.exists(path):
            with open(path, "rb") as stream:
                digests = blocks.digests(stream)
        wire.send({}, digests)

    def block(self, _wire: Wire, message: JSON, payload: bytes) -> None:
        """One block; there is no answer to it."""
        with open(os.open(self._part(message), os.O_RDWR | os.O_CREAT, 0o640), "r+b") as stream:
            stream.seek(message["block"] * blocks.SIZE)
            stream.write(zlib.decompress(payload))

    def end(self, wire: Wire, message: JSON, _payload: bytes) -> None:
        """The part is as long as that, and to the byte what was read."""
        path = self._part(message)
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o640), "r+b") as stream:
            stream.truncate(message["size"])
        blocks.sync(path)
        wire.send({"is_equal": blocks.sha256_of(path) == message["sha256"]})

    def prove(self, wire: Wire, _message: JSON, _payload: bytes) -> None:
        """The copy alone is a whole database; what it holds."""
        with contextlib.closing(sqlite3.connect(self._copy, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.text_factory = bytes
            verdict = [row[0].decode("utf-8", "replace") for row in connection.execute("PRAGMA integrity_check(5)")]
            held: dict[str, Any] = rows.digests(connection)
        for end in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{self._copy}{end}")
        wire.send({"integrity": verdict, "rows": held})

    def place(self, wire: Wire, message: JSON, _payload: bytes) -> None:
        """The mark first: what lies there without a mark that fits it is never replaced."""
        if not self._may_be_placed(message["origin"]):
            raise Refused("the claim holds another database by now")
        digest = blocks.sha256_of(self._copy)
        partial = f"{self._mark}.partial"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._database)  # an older state of the same database
        with open(partial, "w", encoding="utf-8") as stream:
            json.dump({**message["mark"], "origin": message["origin"], "sha256": digest}, stream, indent=1)
        blocks.sync(partial)
        os.replace(partial, self._mark)
        os.replace(self._copy, self._database)
        blocks.sync(self._database)
        blocks.sync(os.path.dirname(self._database))
        wire.send({"sha256": digest})

    def _part(self, message: JSON) -> str:
        return self._copy + _PARTS[message["part"]]


if __name__ == "__main__":
    main()
