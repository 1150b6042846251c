"""A run of site.yml that changes nothing, against a playbook with as many ansible.builtin.ping tasks."""

from __future__ import annotations

import re
from pathlib import Path

from timing import TABLE_HEAD, Series, in_turn, run, timed

TITLE = "A no-change `ansible-playbook site.yml` against as many `ansible.builtin.ping` tasks"


def measure(root: Path, folder: Path, runs: int) -> str:
    """Markdown with both medians and their ratio. The stack of inventory/local must be up."""
    site = ["ansible-playbook", str(root / "site.yml"), "-e", "prove=never"]
    said = run(site, cwd=root)
    if re.search(r"changed=[1-9]", said):
        said = run(site, cwd=root)
    tasks = len(re.findall(r"^TASK \[", said, re.MULTILINE))
    pings = folder / "pings.yml"
    pings.write_text(_playbook(tasks), encoding="utf-8")
    ours, theirs = Series("site.yml, nothing to change"), Series(f"{tasks} ping tasks")
    in_turn(
        [
            (ours, lambda: timed(lambda: run(site, cwd=root))),
            (theirs, lambda: timed(lambda: run(["ansible-playbook", str(pings)], cwd=root))),
        ],
        runs,
    )
    ratio = ours.median / theirs.median
    return f"{TABLE_HEAD}\n{ours.row()}\n{theirs.row()}\n\nRatio of the medians: {ratio:.2f} (aim: at most 2).\n"


def _playbook(tasks: int) -> str:
    task = "    - name: Ping\n      ansible.builtin.ping:\n"
    return f"---\n- name: Pings\n  hosts: clusters\n  gather_facts: false\n  tasks:\n{task * tasks}"
