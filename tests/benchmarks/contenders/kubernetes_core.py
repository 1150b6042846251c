"""kubernetes.core.k8s of PyPI's `ansible`: once with the whole file in one task, once in a loop over its objects."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from contenders.contender import FIRST, SAME, Contender, Measure, NotToBeHad, Seconds, Target
from contenders.plays import played
from contenders.tools import installed, said

ONE_TASK = "kubernetes.core.k8s in one task, the whole playbook"
LOOP = "kubernetes.core.k8s in a loop, the whole playbook"
_PACKAGES = ("ansible==12.3.0", "ansible-core==2.19.14", "kubernetes==37.0.2")


def in_one_task(_root: Path) -> Contender:
    """What its users are advised to do with many objects."""
    return _contender(ONE_TASK, is_loop=False)


def in_a_loop(_root: Path) -> Contender:
    """What most playbooks do."""
    return replace(_contender(LOOP, is_loop=True), largest=50, most_runs=1)  # a second or so for each object


def _contender(name: str, *, is_loop: bool) -> Contender:
    programs = installed("ansible-12.3.0", *_PACKAGES)
    listed = json.loads(said([str(programs / "ansible-galaxy"), "collection", "list", "--format", "json"]))
    versions = {name: each["version"] for found in listed.values() for name, each in found.items()}
    if "kubernetes.core" not in versions:
        raise NotToBeHad(f"{_PACKAGES[0]} holds no kubernetes.core")
    apply = _play(str(programs / "ansible-playbook"), is_loop=is_loop)
    version = f"kubernetes.core {versions['kubernetes.core']}, {', '.join(_PACKAGES).replace('==', ' ')}"
    return Contender(name, version, {FIRST: apply, SAME: apply})


def _play(program: str, *, is_loop: bool) -> Measure:
    def measure(target: Target) -> Seconds:
        file = str(target.manifests)
        source = {"definition": "{{ item }}"} if is_loop else {"src": file}
        task: dict[str, object] = {
            "kubernetes.core.k8s": {
                "kubeconfig": str(target.kubeconfig),
                "context": target.context,
                "apply": True,
                "server_side_apply": {"field_manager": "kubernetes.core"},
                **source,
            }
        }
        if is_loop:
            task["loop"] = "{{ lookup('file', '" + file + "') | from_yaml_all }}"
            task["loop_control"] = {"label": "{{ item.metadata.name }}"}
        return played([program], target, task, target.manifests.parent)

    return measure
