"""In the pod of the old server: looks, holds still, and gives out what is asked for. It writes nothing there."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from . import artifacts, blocks, rows, server
from .hold import Hold
from .wire import Refused, Wire

JSON = Any

# Never closed: to close a handle of a file gives up the locks that this process has on it (POSIX).
_OPEN: dict[str, BinaryIO] = {}
_HOLD = Hold()
_SECONDS_TO_READ = 20.0
_MOST_RUNS = 2000


def main() -> None:
    """Serves the other end."""
    Wire().serve(
        {
            "look": _look,
            "hold": _hold,
            "keep": _keep,
            "stop": _stop,
            "blocks": _blocks,
            "rows": _rows,
            "list": _list,
            "file": _file,
        }
    )


def _look(wire: Wire, _message: JSON, _payload: bytes) -> None:
    found = server.find()
    told = found.told()
    if found.database is not None:
        if not os.path.isfile(found.database):
            raise Refused(f"its database {found.database} is not there")
        with _reading(found.database) as connection:
            count = connection.execute("SELECT count(*) FROM runs").fetchone() if _is_mlflows(connection) else [0]
            told.update(
                size=os.path.getsize(found.database) + _size_of_wal(found.database),
                revision=rows.revision(connection),
                runs=count[0],
                places=artifacts.places_here(connection, found.folder),
            )
    files = artifacts.listed(found)
    told.update(files=len(files), file_bytes=sum(size for _path, size, _when in files))
    wire.send(told)


def _hold(wire: Wire, message: JSON, _payload: bytes) -> None:
    _HOLD.take(message["path"], message["seconds"])
    wire.send({"held": True, "has_wal": _size_of_wal(message["path"]) > 0})


def _keep(wire: Wire, message: JSON, _payload: bytes) -> None:
    """From here all is held so long even where the other end is gone: the pod is told to end, and may take its time."""
    _HOLD.keep(message["seconds"])
    wire.lingers = message["seconds"]
    wire.send({"kept": True})


def _stop(wire: Wire, _message: JSON, _payload: bytes) -> None:
    wire.send({"stopped": _HOLD.stop()})


def _blocks(wire: Wire, message: JSON, known: bytes) -> None:
    """What of the database, or of its write-ahead log, the other end has not."""
    whole = hashlib.sha256()
    stream = _opened(message["path"])
    for number, block in blocks.differing(stream, known, whole):
        wire.send({"block": number}, zlib.compress(block, 1))
    wire.send({"size": stream.tell(), "sha256": whole.hexdigest()})


def _rows(wire: Wire, message: JSON, _payload: bytes) -> None:
    with _reading(message["path"]) as connection:
        wire.send({"rows": rows.digests(connection), "runs": rows.runs(connection, _MOST_RUNS)})


def _list(wire: Wire, _message: JSON, _payload: bytes) -> None:
    wire.send({"files": artifacts.listed(server.find())})


def _file(wire: Wire, message: JSON, _payload: bytes) -> None:
    whole = hashlib.sha256()
    with open(os.path.join(message["folder"], message["path"]), "rb") as stream:
        for piece in iter(lambda: stream.read(blocks.SIZE), b""):
            whole.update(piece)
            wire.send({"piece": True}, zlib.compress(piece, 1))
    wire.send({"sha256": whole.hexdigest()})


@contextlib.contextmanager
def _reading(path: str) -> Iterator[sqlite3.Connection]:
    address = f"file:{quote(path)}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=_SECONDS_TO_READ)) as connection:
        connection.text_factory = bytes
        yield connection


def _is_mlflows(connection: sqlite3.Connection) -> bool:
    return {"runs", "experiments"} <= set(rows.tables(connection))


def _opened(path: str) -> BinaryIO:
    stream = _OPEN.get(path)
    if stream is None or not os.path.samestat(os.fstat(stream.fileno()), os.stat(path)):
        stream = _OPEN[path + f"#{len(_OPEN)}"] = _OPEN[path] = open(path, "rb")  # noqa: SIM115 - see above
    return stream


def _size_of_wal(path: str) -> int:
    return os.path.getsize(f"{path}-wal") if os.path.exists(f"{path}-wal") else 0


if __name__ == "__main__":
    main()
