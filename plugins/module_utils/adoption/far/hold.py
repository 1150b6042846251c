"""Holding the old server still: SQLite's lock against writes to the database, a stop signal where files matter too.

Both end with this process, whatever ends it: the kernel gives the lock up, and a child that outlives it for a moment
lets the server's processes go on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Sequence

from . import server
from .wire import Refused

_PATIENCE = 10.0


class Hold:
    """Nothing is held before it is asked for."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._to_child: int | None = None

    def take(self, path: str, seconds: float) -> None:
        """From here nobody writes to the database; the server's reads go on. Raises Refused."""
        if self._connection is not None:
            return
        connection = sqlite3.connect(path, timeout=seconds, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            connection.close()
            raise Refused(f"its database cannot be held still for a copy ({error})") from None
        self._connection = connection

    def need(self) -> None:
        """Raises Refused where the lock is not held."""
        if self._connection is None or not self._connection.in_transaction:
            raise Refused("its database is not held still any more")

    def keep(self, seconds: float) -> None:
        """What is held stays so for that time after this process's end, as far as it can: the server is stopped too."""
        self.need()
        with contextlib.suppress(Refused):
            self.stop()
        if self._to_child is not None:
            os.write(self._to_child, f"{seconds}\n".encode())

    def stop(self) -> list[int]:
        """From here the server answers nobody. Raises Refused."""
        stopped: list[int] = []
        deadline = time.monotonic() + _PATIENCE
        while True:
            ours = [each for each in server.find().processes if each not in stopped]
            if 1 in ours:
                raise Refused("its server is the container's first process, which no other can stop")
            if not ours and all(_state(each) in "TtZX" for each in stopped):
                break
            if self._to_child is None:
                self._to_child = _let_go_on_after_me(ours)
            for each in ours:
                os.kill(each, signal.SIGSTOP)
            stopped += ours
            if time.monotonic() > deadline:
                raise Refused("its server's processes do not stop")
            time.sleep(0.02)
        return stopped


def _let_go_on_after_me(first: Sequence[int]) -> int:
    """A child that waits for this process's end, and then wakes up whatever of the server is stopped.

    Gives what it is told by: a number of seconds that it is to wait besides.
    """
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        return writing
    try:
        os.close(writing)
        os.setsid()
        seconds = 0.0
        with os.fdopen(reading) as told:
            for line in told:
                seconds = float(line)
        time.sleep(seconds)
        for each in {*first, *server.find().processes}:
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGCONT)
    finally:
        os._exit(0)


def _state(process: int) -> str:
    try:
        with open(f"/proc/{process}/stat", "rb") as stream:
            return stream.read().rpartition(b")")[2].split()[0].decode()
    except OSError:
        return "X"
