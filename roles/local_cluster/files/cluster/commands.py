"""Runs the programs that a cluster is made with, and says in one sentence what failed."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


class ClusterError(Exception):
    """What cannot go on, as one sentence that names the mend."""


def run(command: Sequence[str], *, text: str = "", timeout: float = 120) -> str:
    """Runs `command` with `text` as its standard input and returns its standard output."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=timeout)
    except FileNotFoundError as missing:
        raise ClusterError(f"{command[0]} is not on PATH.") from missing
    except subprocess.TimeoutExpired as late:
        raise ClusterError(f"`{' '.join(command[:4])}` did not end within {timeout:.0f} s.") from late
    if done.returncode:
        raise ClusterError(f"`{' '.join(command[:4])}` failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def try_run(command: Sequence[str], timeout: float = 30) -> tuple[bool, str]:
    """Like `run`, for questions whose 'no' is an answer: whether it worked, and what it said."""
    try:
        return True, run(command, timeout=timeout)
    except ClusterError as error:
        return False, str(error)
