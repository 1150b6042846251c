"""Pinned programs of others, fetched or built once into a cache."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from contenders.contender import NotToBeHad


def cache() -> Path:
    """Where they are kept."""
    base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = base / "mlops-tracking-benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def installed(name: str, *packages: str) -> Path:
    """The bin folder of a virtual environment with these packages of PyPI."""
    folder = cache() / name
    complete = folder / ".complete"
    if not complete.exists():
        _make([sys.executable, "-m", "venv", "--clear", str(folder)])
        _make([str(folder / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *packages])
        complete.touch()
    return folder / "bin"


def built(name: str, arguments: Sequence[str], source: Path, **environment: str) -> Path:
    """The folder for what `go ARGUMENTS` makes in it; `{}` of an argument or variable stands for the folder."""
    folder = cache() / name
    complete = folder / ".complete"
    if not complete.exists():
        given = {key: value.format(folder) for key, value in environment.items()}
        _make(["go", *(each.format(folder) for each in arguments)], source, given)
        complete.touch()
    return folder


def said(command: Sequence[str]) -> str:
    """What a command prints."""
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotToBeHad(f"{command[0]} cannot be run ({type(error).__name__})") from None
    return done.stdout


def _make(command: Sequence[str], folder: Path | None = None, environment: dict[str, str] | None = None) -> None:
    print(f"Once, and it takes minutes: {' '.join(command)}", file=sys.stderr, flush=True)
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except OSError as error:
        raise NotToBeHad(f"{command[0]} cannot be run ({error})") from None
    if done.returncode:
        last = (done.stdout.strip().splitlines() or [""])[-1]
        raise NotToBeHad(f"{' '.join(command)} ended with {done.returncode}: {last}")
