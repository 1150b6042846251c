"""What the machine offers: a Docker that answers, one that could be started, or the means to install one."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .commands import try_run

SYSTEM_FOLDERS = ("/usr/sbin", "/sbin", "/usr/local/sbin")


@dataclass(frozen=True)
class Host:
    """`init` is systemd, service (SysV) or none; `release` like `debian 12`, empty if unknown."""

    docker_answers: bool
    docker_says: str
    docker_daemon: str
    docker_client: bool
    init: str
    is_root: bool
    release: str


def look() -> Host:
    """Asks Docker and the operating system; changes nothing."""
    answers, says = try_run(["docker", "version", "--format", "{{.Server.Version}}"], timeout=20)
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
    return Host(
        docker_answers=answers,
        docker_says=says.strip(),
        docker_daemon=shutil.which("dockerd", path=path) or "",
        docker_client=shutil.which("docker") is not None,
        init=_init(),
        is_root=os.geteuid() == 0,
        release=_release(),
    )


def _init() -> str:
    if Path("/run/systemd/system").is_dir():
        return "systemd"
    first = Path("/proc/1/comm")
    return "service" if first.is_file() and first.read_text().strip() == "init" else "none"


def _release() -> str:
    path = Path("/etc/os-release")
    if not path.is_file():
        return ""
    field = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', path.read_text(), re.M))
    return f"{field.get('ID', '')} {field.get('VERSION_ID', '')}".strip()
