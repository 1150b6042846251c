"""The programs that a person or a build needs: those on PATH where their versions fit, else built or called missing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from .workshop import Workshop

Version = tuple[int, int]
OLDEST_GO: Version = (1, 25)
TOOLS = ("kind", "kubectl", "promtool", "amtool")


def kind(workshop: Workshop) -> Path:
    """kind from PATH if it is of the wanted release or newer (an older one can't read the node image), else our own."""
    wanted = _minor(workshop.catalogue.binary("kind").version)
    return _on_path(["kind", "version"], lambda found: found >= wanted) or workshop.path_of("kind")


def kubectl(workshop: Workshop) -> Path:
    """kubectl from PATH if it is at most one release from the cluster's, else the built (a name of `kubernetes`)."""
    wanted = _minor(workshop.catalogue.binary("kubernetes").version)

    def fits(found: Version) -> bool:
        return found[0] == wanted[0] and abs(found[1] - wanted[1]) <= 1

    return _on_path(["kubectl", "version", "--client"], fits) or workshop.path_of("kubernetes").with_name("kubectl")


def checker(workshop: Workshop, name: str) -> Path:
    """promtool or amtool from PATH if it is of the wanted release or newer, else the built one."""
    wanted = _release(workshop, name)
    return _on_path([name, "--version"], lambda found: found >= wanted) or workshop.path_of(name)


def make(workshop: Workshop, name: str) -> Path:
    """The path of one of TOOLS, built if it has to be."""
    match name:
        case "kind":
            path = kind(workshop)
        case "kubectl":
            path = kubectl(workshop)
        case _:
            path = checker(workshop, name)
    if not path.exists():
        workshop.make_binary("kubernetes" if name == "kubectl" else name)
    return path


def lacking(stages: list[tuple[str, str]]) -> dict[str, str]:
    """Programs that the `stages` (kind, name) need and the machine lacks, each with a sentence that says the mend."""
    found: dict[str, str] = {}
    kinds = {kind_of_stage for kind_of_stage, _ in stages}
    if "binary" in kinds and _on_path(["go", "version"], lambda version: version >= OLDEST_GO) is None:
        oldest = ".".join(map(str, OLDEST_GO))
        found["go"] = f"No Go {oldest} or newer is on PATH, which builds the cluster's programs: install it."
    if ("binary", "grafana") in stages and shutil.which("gcc") is None:
        found["gcc"] = "gcc, which compiles the SQLite that is part of Grafana's server, is not on PATH: install it."
    if "base" in kinds and shutil.which("mmdebstrap") is None:
        found["mmdebstrap"] = "mmdebstrap, which makes the images' Debian bases, is not on PATH: install it."
    return found


def _release(workshop: Workshop, name: str) -> Version:
    """Of the programs' own numbers: Prometheus 2.53.3 is the Go module v0.53.3."""
    major, minor = _minor(workshop.catalogue.binary(name).version)
    return (2, minor) if name == "promtool" and major == 0 else (major, minor)


def _on_path(question: list[str], fits: Callable[[Version], bool]) -> Path | None:
    path = shutil.which(question[0])
    if path is None:
        return None
    said = subprocess.run([path, *question[1:]], capture_output=True, text=True, check=False).stdout
    return Path(path) if fits(_minor(said)) else None


def _minor(text: str) -> Version:
    """The first `1.2` in `text`; (0, 0) if there is none."""
    match = re.search(r"(?:v|go|version )(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)
