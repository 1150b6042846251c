"""Makes a cluster with kind; what a killed attempt left is known by a mark and made anew."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import images, nodes, readiness
from .commands import ClusterError, run, try_run


def unfinished_mark(name: str) -> Path:
    """The file that exists while cluster `name` is being made: what then carries that name is ours and half made."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "mlops-tracking" / f"unfinished-cluster-{name}"


def create(name: str, kind: str, configuration: str, kubeconfig: str, references: Sequence[str]) -> dict[str, Any]:
    """Makes cluster `name` and loads images into its nodes while its control plane starts.

    Two at once: the second waits for the first and makes nothing.
    """
    with _alone(name):
        mark = unfinished_mark(name)
        if not mark.exists() and nodes.nodes_of(name):
            return {"created_in": 0, "loaded": [], "changed": False}
        where = [f"--kubeconfig={kubeconfig}"] if kubeconfig else []
        if mark.exists():
            run([kind, "delete", "cluster", f"--name={name}", *where])
        mark.touch()
        began = time.monotonic()
        loader = _Loader(name, references)
        loader.start()
        command = [kind, "create", "cluster", f"--name={name}", "--config=-", "--wait=180s", *where]
        made = subprocess.run(command, input=configuration, text=True, stdout=sys.stderr, check=False)
        loader.stop_waiting.set()
        loader.join()
        if made.returncode == 0:
            readiness.wait(nodes.nodes_of(name), timeout=180)
        mark.unlink()
    if made.returncode:
        raise ClusterError(f"kind could not make cluster {name} (it ended with {made.returncode}).")
    return {"created_in": round(time.monotonic() - began, 1), "loaded": loader.loaded, "changed": True}


@contextmanager
def _alone(name: str) -> Iterator[None]:
    folder = unfinished_mark(name).parent / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"cluster-{name}").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class _Loader(threading.Thread):
    """Loads images as soon as a node's containerd answers. A failure is left to the role's own load step to say."""

    def __init__(self, name: str, references: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.name_of_cluster = name
        self.references = references
        self.stop_waiting = threading.Event()
        self.loaded: list[str] = []

    def run(self) -> None:
        if not self.references:
            return
        node = f"{self.name_of_cluster}-control-plane"
        while not try_run(["docker", "exec", node, "ctr", "version"])[0]:
            if self.stop_waiting.wait(0.5):
                return
        try:
            for each in nodes.nodes_of(self.name_of_cluster):
                self.loaded += images.load(each, self.references)
        except ClusterError as error:
            print(error, file=sys.stderr)
