"""Processes that read PostgreSQL back in parallel, all of them from one snapshot.

`python -m migration.readers` is one of them: it takes a line of JSON per part on stdin and answers with one on stdout.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from . import read_back, target
from .digest import Digest
from .errors import Failed, MigrationError
from .read_back import Part
from .target import Connection

_SAY_EVERY = 50_000
Advance = Callable[[int, str], None]


def digests(
    connection: Connection, schema: str, tables: Iterable[tuple[str, Sequence[str]]], advance: Advance
) -> dict[str, Digest]:
    """{table: digest} of the tables with these columns, as one snapshot has them."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        target.search_in(connection, schema)
        parts = [part for table, columns in tables for part in read_back.parts_of(connection, table, columns)]
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        return _in_parallel(parts, str(row[0]), schema, advance)
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK")


def _in_parallel(parts: list[Part], snapshot: str, schema: str, advance: Advance) -> dict[str, Digest]:
    waiting: queue.SimpleQueue[Part] = queue.SimpleQueue()
    for part in sorted(parts, key=lambda part: (part.end < 0, part.first)):
        waiting.put(part)
    found = {part.table: Digest() for part in parts}
    failures: list[str] = []
    lock = threading.Lock()

    def told(table: str, rows: int) -> None:
        with lock:
            advance(rows, table)

    def serve() -> None:
        with _Reader(snapshot, schema) as reader, contextlib.suppress(queue.Empty):
            while not failures:
                part = waiting.get_nowait()
                try:
                    digest = reader.read(part, functools.partial(told, part.table))
                except Failed as error:
                    failures.append(str(error))
                    return
                with lock:
                    found[part.table].merge(digest)

    is_large = len(parts) > len(found)
    threads = [threading.Thread(target=serve) for _ in range(min(2, os.cpu_count() or 1) if is_large else 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Failed(failures[0])
    return found


class _Reader:
    """One process."""

    def __init__(self, snapshot: str, schema: str) -> None:
        package = str(__package__)
        root = Path(__file__).parents[package.count(".") + 1]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{package}.readers"],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._tell({"snapshot": snapshot, "schema": schema})

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        with contextlib.suppress(OSError):
            self._process.communicate()

    def read(self, part: Part, advance: Callable[[int], None]) -> Digest:
        """The part's digest. Raises Failed."""
        self._tell(dataclasses.asdict(part))
        assert self._process.stdout is not None
        told = 0
        for line in self._process.stdout:
            answer: dict[str, Any] = json.loads(line)
            if "failed" in answer:
                raise Failed(answer["failed"])
            if "digest" in answer:
                advance(answer["rows"] - told)
                return Digest(answer["rows"], int(answer["digest"], 16))
            told += answer["advance"]
            advance(answer["advance"])
        raise Failed(f"The process that read {part.table} back was ended; run the same command again.")

    def _tell(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            print(json.dumps(message), file=self._process.stdin, flush=True)
        except OSError:
            raise Failed("A process that reads PostgreSQL back was ended; run the same command again.") from None


def main() -> None:
    """Serves one parent until it closes its end."""
    from . import settings

    first = json.loads(sys.stdin.readline())
    connection = target.connect(settings.from_environment().password, "reader")
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute(f"SET TRANSACTION SNAPSHOT '{first['snapshot']}'".encode())
    target.search_in(connection, first["schema"])
    for line in sys.stdin:
        told = json.loads(line)
        part = Part(told["table"], tuple(told["columns"]), told["first"], told["end"])
        _answer(read_back.digest_of_part(connection, part, _Teller().advance).as_json())


class _Teller:
    """Tells the parent about rows now and then."""

    def __init__(self) -> None:
        self._rows = 0

    def advance(self, rows: int) -> None:
        self._rows += rows
        if self._rows >= _SAY_EVERY:
            _answer({"advance": self._rows})
            self._rows = 0


def _answer(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    import psycopg

    try:
        main()
    except (MigrationError, psycopg.Error) as error:
        _answer({"failed": f"PostgreSQL could not be read back ({' '.join(str(error).split())}); run it again."})
