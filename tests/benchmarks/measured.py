"""Runs a module of Python as a program, and writes what it took of memory and CPU to a file.

measured.py FILE MODULE ARGUMENTS...

The peak is the process' own (VmHWM): getrusage's ru_maxrss begins with the peak of whoever started it.
"""

from __future__ import annotations

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
