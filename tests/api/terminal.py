"""ansible-playbook as a person sees it while it runs: in a terminal, or with its output in a file."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from api_server import ROOT
from engine import Engine

JSON = Any

SECONDS = 60.0
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Watched:
    """A run under way. `output` is what came so far, with all escape sequences."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str], *, in_terminal: bool) -> None:
        ours, theirs = pty.openpty() if in_terminal else os.pipe()
        if in_terminal:
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self._ours = ours
        self._pieces: list[bytes] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def output(self) -> str:
        return b"".join(self._pieces).decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """The output without escape sequences."""
        return _ESCAPES.sub("", self.output)

    def shows(self, text: str) -> None:
        """Comes back when the text is there, while the run goes on."""
        deadline = time.monotonic() + SECONDS
        while text not in self.text:
            assert self._process.poll() is None or text in self.text, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def end(self) -> str:
        """Waits for the end; gives the text."""
        self._process.wait(SECONDS)
        self._thread.join(5)
        return self.text

    def kill(self, signal: int) -> None:
        self._process.send_signal(signal)

    def _read(self) -> None:
        try:
            while piece := os.read(self._ours, 65536):
                self._pieces.append(piece)
        except OSError:  # a terminal's way to say that it is over
            pass
        finally:
            os.close(self._ours)


def watched(
    engine: Engine,
    folder: Path,
    tasks: list[JSON],
    *flags: str,
    in_terminal: bool = True,
    hosts: tuple[str, ...] = ("cluster",),
    **variables: JSON,
) -> Watched:
    """Starts ansible-playbook with these tasks (module name to arguments) for these hosts, one after the other."""
    inventory = {"all": {"hosts": {host: {"where": f"{engine.namespace}"} for host in hosts}}}
    play = {
        "name": "Play",
        "hosts": "all",
        "gather_facts": False,
        "vars": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, **variables},
        "module_defaults": {"group/mlops.tracking.cluster": {"kubeconfig": engine.server.kubeconfig, "context": "all"}},
        "tasks": [{"name": "Act", **task} for task in tasks],
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    environment = {
        **{key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"},
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "TERM": "xterm-256color",
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts.yml", *flags, "play.yml"]
    return Watched(command, folder, environment, in_terminal=in_terminal)
