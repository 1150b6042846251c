"""What a person sees while something is built: a line with the time at each step, all output in a log, times kept."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import BuildError


class Times:
    """How many seconds each thing took last, in a small JSON file of the cache."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, float]:
        try:
            known: dict[str, float] = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return known

    def note(self, name: str, seconds: float) -> None:
        known = {**self.read(), name: round(seconds, 1)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps(known, indent=1, sort_keys=True))
        temporary.replace(self.path)


class Progress:
    """Runs commands with their output in `log`, and says on standard error what goes on."""

    def __init__(self, log: Path, quiet: bool = False) -> None:
        self.path = log
        self.quiet = quiet
        self.started = time.monotonic()
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("a")

    def say(self, line: str) -> None:
        text = f"[{time.monotonic() - self.started:6.1f} s] {line}"
        print(text, file=self._log, flush=True)
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    @contextmanager
    def step(self, line: str) -> Iterator[None]:
        """Says `line` now and how long it took afterwards."""
        self.say(f"{line} ...")
        began = time.monotonic()
        yield
        self.say(f"{line}: {time.monotonic() - began:.1f} s")

    def run(
        self,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        standard_input: IO[bytes] | None = None,
    ) -> str:
        """Runs `command` and returns its standard output; all else goes to the log. Raises BuildError with its end."""
        offset = self._log.tell()
        print("$ " + " ".join(command), file=self._log, flush=True)
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, stdin=standard_input or subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=self._log, text=True, check=False,
            )  # fmt: skip
        except FileNotFoundError as missing:
            raise not_installed(command[0]) from missing
        self._log.write(done.stdout)
        self._log.flush()
        if done.returncode:
            raise BuildError(
                f"`{' '.join(command[:3])} ...` ended with {done.returncode}",
                why=self._end_since(offset),
                mend=f"All of its output is in {self.path}",
            )
        return done.stdout.strip()

    def _end_since(self, offset: int, lines: int = 12) -> str:
        with self.path.open(errors="replace") as log:
            log.seek(offset)
            return " | ".join(line.strip() for line in log.read().splitlines()[-lines:] if line.strip())


def not_installed(program: str) -> BuildError:
    """The sentence for a program that the machine lacks."""
    mends = {
        "go": "Install Go 1.25 or newer and put it on PATH",
        "mmdebstrap": "Install it: apt-get install mmdebstrap debian-archive-keyring",
        "docker": "Install Docker, or let role local_cluster do it",
    }
    return BuildError(f"{program} is not on PATH", mend=mends.get(program, f"Install {program}"))
