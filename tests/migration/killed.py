"""Runs the migration in MLflow's image, and does something to it at its nth call of a function of its own.

python killed.py kill N COMMAND     it is killed (-9)
python killed.py pause N COMMAND    it waits while /data/paused is there, which it makes
python killed.py count 0 COMMAND    it prints how many calls there are before each phase of the journal, and in all
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from migration import __main__ as program
from migration import journal

PACKAGE = str(Path(journal.__file__).parent)
PAUSED = Path("/data/paused")


class Counter:
    """Counts calls of the package's functions in the main thread."""

    def __init__(self, action: str, wanted: int) -> None:
        self.action, self.wanted, self.calls = action, wanted, 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(PACKAGE):
            return
        self.calls += 1
        if self.action == "count" and frame.f_code is journal.Journal.enter.__code__:
            print(f"calls before {frame.f_locals['phase'].value}: {self.calls}", flush=True)
        if self.calls == self.wanted:
            self.act()

    def act(self) -> None:
        if self.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        PAUSED.touch()
        while PAUSED.exists():
            time.sleep(0.05)


if __name__ == "__main__":
    counter = Counter(sys.argv[1], int(sys.argv[2]))
    sys.setprofile(counter)
    code = program.main(sys.argv[3:])
    sys.setprofile(None)
    print(f"calls in all: {counter.calls}", flush=True)
    sys.exit(code)
