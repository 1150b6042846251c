"""Runs a playbook of this collection against the cluster under test, as a person would."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """What a run of ansible-playbook printed, and how it ended."""

    status: int
    output: str

    @property
    def words(self) -> str:
        """What it printed with its lines joined: where they are broken is a matter of Ansible's configuration."""
        return " ".join(self.output.split())

    def recap(self, word: str) -> int:
        """A number of the recap line, such as `changed`, added up over hosts."""
        return sum(int(number) for number in re.findall(rf"\b{word}=(\d+)", self.output))


def command_of(name: str, *arguments: str) -> list[str]:
    """How playbooks/`name` is run with molecule's inventory where there is one, else with inventory/local."""
    inventory = os.environ.get("MOLECULE_INVENTORY_FILE") or str(ROOT / "inventory/local")
    command = ["ansible-playbook", "-i", inventory, str(ROOT / "playbooks" / name)]
    images = Path(os.environ.get("MOLECULE_EPHEMERAL_DIRECTORY", "/nonexistent")) / "images.yml"
    if images.is_file():
        command += ["-e", f"@{images}"]
    return [*command, *arguments]


def start_playbook(
    *arguments: str, name: str = "site.yml", environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """Begins playbooks/`name`, as a process group of its own."""
    return subprocess.Popen(
        command_of(name, *arguments),
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run_playbook(*arguments: str, name: str = "site.yml", environment: dict[str, str] | None = None) -> Run:
    """Runs playbooks/`name` to its end."""
    return ended(start_playbook(*arguments, name=name, environment=environment))


def ended(process: subprocess.Popen[str], seconds: float = 900) -> Run:
    """What it printed; one that takes longer is killed with all of its children."""
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        raise
    return Run(process.returncode, output)


def kill(process: subprocess.Popen[str]) -> None:
    """With -9, and all that it has started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
