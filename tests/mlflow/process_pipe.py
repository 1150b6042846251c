"""A program of this machine, talked to through its standard input and output as one in a pod is."""

from __future__ import annotations

import subprocess

PIECE = 1 << 18


class ProcessPipe:
    """What is sent goes to it at once, and what it has said so far is received."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.read1(PIECE)  # type: ignore[attr-defined]
