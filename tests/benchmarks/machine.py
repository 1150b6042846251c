"""What the figures were measured on: a figure without its machine says nothing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from pathlib import Path

PACKAGES = ("ansible-core", "kubernetes", "minio")


def describe() -> list[str]:
    """The machine and the versions, a line each."""
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(encoding="ascii"))
    gibibytes = int(memory[1]) / 2**20 if memory else 0
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return [
        f"{os.cpu_count()} cores ({_processor()}), {gibibytes:.0f} GiB, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, {versions}",
    ]


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1].strip() if found else platform.machine()
