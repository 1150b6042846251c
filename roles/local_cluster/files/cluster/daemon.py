"""Starts Docker's daemon where no init does, and waits for it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from .commands import ClusterError, try_run
from .host import SYSTEM_FOLDERS

LOG = Path("/var/log/dockerd.log")
PID_FILES = {
    Path("/var/run/docker.pid"): "dockerd",
    Path("/var/run/docker/containerd/containerd.pid"): "containerd",
}


def start(daemon: str) -> subprocess.Popen[bytes]:
    """Starts `daemon` in a session of its own, so that it outlives us; its words go to LOG."""
    for file, program in PID_FILES.items():
        forget_dead(file, program)
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
    with LOG.open("ab") as log:
        return subprocess.Popen(
            [daemon], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            env={**os.environ, "PATH": path},
        )  # fmt: skip


def wait(timeout: float, started: subprocess.Popen[bytes] | None = None) -> None:
    """Waits until Docker answers; raises as soon as the daemon that we `started` has ended."""
    began = time.monotonic()
    while True:
        answers, says = try_run(["docker", "version", "--format", "{{.Server.Version}}"], timeout=20)
        if answers:
            return
        if started is not None and started.poll() is not None:
            raise ClusterError(f"dockerd ended at once ({_last_line(LOG)}). All that it said is in {LOG}.")
        if time.monotonic() - began > timeout:
            raise ClusterError(f"Docker was started and does not answer after {timeout:.0f} s: {says}")
        time.sleep(0.5)


def forget_dead(pid_file: Path, program: str, processes: Path = Path("/proc")) -> None:
    """Removes `pid_file` if the process it names is gone, a zombie, or another program by now.

    A daemon that was killed leaves it behind, and its successor would wait for that process or refuse to start.
    """
    if not pid_file.is_file():
        return
    status = processes / pid_file.read_text().strip() / "status"
    try:
        field = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
    except OSError:
        field = {}
    if field.get("Name") != program or field.get("State", "Z").startswith("Z"):
        pid_file.unlink()


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines() if path.is_file() else []
    return lines[-1].strip() if lines else "it said nothing"
