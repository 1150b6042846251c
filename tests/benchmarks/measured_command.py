"""Runs a command and says as JSON how long it took and what memory it and its children had together at most.

    python measured_command.py COMMAND...

Memory is the proportional set size: what processes share is counted once. Exits as the command does.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

EVERY_SECONDS = 0.1


def tree_of(process: int) -> list[int]:
    """The process and all below it."""
    found = [process]
    for one in found:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
    return found


def memory_of(process: int) -> int:
    """Bytes; 0 where it has ended."""
    with contextlib.suppress(OSError, StopIteration, PermissionError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) * 1024
    return 0


def main() -> int:
    started, peak = time.monotonic(), 0
    process = subprocess.Popen(sys.argv[1:])
    while process.poll() is None:
        peak = max(peak, sum(map(memory_of, tree_of(process.pid))))
        time.sleep(EVERY_SECONDS)
    print(json.dumps({"seconds": time.monotonic() - started, "peak": peak}), flush=True)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
