<<<<<<< HEAD
"""Runs a module of Python as a program, and writes what it took of memory and CPU to a file.

measured.py FILE MODULE ARGUMENTS...

The peak is the process' own (VmHWM): getrusage's ru_maxrss begins with the peak of whoever started it.
=======
"""Runs a command and says as JSON how long it took and what memory it and its children had together at most.

    python measured.py COMMAND...

Memory is the proportional set size: what processes share is counted once. Exits as the command does.
>>>>>>> migration
"""

from __future__ import annotations

<<<<<<< HEAD
import atexit
import json
import re
import resource
import runpy
import sys
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Taken:
    """Of one process: mebibytes at its peak, and seconds of CPU."""

    peak: float
    cpu: float

    @classmethod
    def read(cls, path: Path) -> Taken:
        """What a measured process has written."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def _write(path: Path) -> None:
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    taken = Taken(int(peak[1]) / 1024 if peak else 0.0, used.ru_utime + used.ru_stime)
    path.write_text(json.dumps(asdict(taken)), encoding="utf-8")


if __name__ == "__main__":
    atexit.register(_write, Path(sys.argv[1]))
    name = sys.argv[2]
    del sys.argv[:2]
    runpy.run_module(name, run_name="__main__", alter_sys=True)
=======
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
>>>>>>> migration
