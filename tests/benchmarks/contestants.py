"""Those who apply the same objects: each names its first apply, its no-change apply and its look for differences."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from timing import CommandFailed, run, timed

HERE = Path(__file__).parent
ANSIBLE_VERSION = "13.1.0"
HELM_VERSION = "v4.0.1"


@dataclass(frozen=True)
class Target:
    """The cluster, and the file with the objects of one namespace."""

    kubeconfig: Path
    context: str
    namespace: str
    manifests: Path


@dataclass(frozen=True)
class Contestant:
    """Seconds of an apply, and of a look for differences (None: it has none). largest: objects it is asked for."""

    name: str
    apply: Callable[[Target], float]
    differ: Callable[[Target], float] | None = None
    largest: int = 10_000


def contestants(root: Path, cache: Path) -> list[Contestant]:
    """All of them; what is not there is fetched and built in `cache`."""
    ansible, helm, flux = _ansible(cache), _helm(cache), _flux(cache)
    return [
        Contestant("module, in its own process", _module("apply"), _module("check")),
        Contestant("ansible-playbook, module manifests", _playbook(root), _playbook(root, "--check")),
        Contestant("kubectl --server-side", _kubectl("apply"), _kubectl("diff")),
        Contestant("ansible-playbook, kubernetes.core in one task", _core(ansible, is_loop=False)),
        Contestant("ansible-playbook, kubernetes.core in a loop", _core(ansible, is_loop=True), largest=50),
        Contestant("helm upgrade --install", _chart(helm)),
        Contestant("fluxcd/pkg/ssa, in its own process", _library(flux, "apply"), _library(flux, "diff")),
    ]


def _module(verb: str) -> Callable[[Target], float]:
    program = [sys.executable, str(HERE / "module_alone.py")]
    return lambda target: timed(
        lambda: run([*program, str(target.kubeconfig), target.context, str(target.manifests), verb])
    )


def _playbook(root: Path, *arguments: str) -> Callable[[Target], float]:
    def measure(target: Target) -> float:
        task: dict[str, object] = {
            "mlops.tracking.manifests": {**_cluster(target), "templates": [str(target.manifests)], "wait": False}
        }
        return _played([str(Path(sys.executable).parent / "ansible-playbook"), *arguments], target, [task], root)

    return measure


def _core(program: str, *, is_loop: bool) -> Callable[[Target], float]:
    def measure(target: Target) -> float:
        options = {**_cluster(target), "apply": True, "server_side_apply": {"field_manager": "core"}}
        source = {"definition": "{{ item }}"} if is_loop else {"src": str(target.manifests)}
        task: dict[str, object] = {"kubernetes.core.k8s": {**options, **source}}
        if is_loop:
            task["loop"] = "{{ lookup('file', '" + str(target.manifests) + "') | from_yaml_all }}"
            task["loop_control"] = {"label": "{{ item.metadata.name }}"}
        return _played([program], target, [task], target.manifests.parent)

    return measure


def _played(command: Sequence[str], target: Target, tasks: Sequence[dict[str, object]], folder: Path) -> float:
    play: dict[str, object] = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": list(tasks)}
    play["vars"] = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    playbook = target.manifests.with_suffix(".playbook.yml")
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    return timed(lambda: run([*command, "-i", "localhost,", str(playbook)], cwd=folder))


def _cluster(target: Target) -> dict[str, object]:
    return {"kubeconfig": str(target.kubeconfig), "context": target.context}


def _kubectl(verb: str) -> Callable[[Target], float]:
    def measure(target: Target) -> float:
        command = ["kubectl", "--kubeconfig", str(target.kubeconfig), "--context", target.context, verb]
        return timed(lambda: run([*command, "--server-side", "-f", str(target.manifests)]))

    return measure


def _chart(helm: str) -> Callable[[Target], float]:
    def measure(target: Target) -> float:
        chart = target.manifests.parent / f"chart-{target.namespace}"
        (chart / "templates").mkdir(parents=True, exist_ok=True)
        shutil.copy(target.manifests, chart / "templates/objects.yaml")
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: objects\nversion: 1.0.0\n", encoding="utf-8")
        place = ["--kubeconfig", str(target.kubeconfig), "--kube-context", target.context, "-n", target.namespace]
        return timed(lambda: run([helm, "upgrade", "--install", "objects", str(chart), *place]))

    return measure


def _library(program: str, verb: str) -> Callable[[Target], float]:
    return lambda target: timed(
        lambda: run([program, str(target.kubeconfig), target.context, str(target.manifests), verb])
    )


def _ansible(cache: Path) -> str:
    folder = cache / f"ansible-{ANSIBLE_VERSION}"
    if not (folder / "bin/ansible-playbook").exists():
        run([sys.executable, "-m", "venv", str(folder)])
        run([str(folder / "bin/pip"), "install", "--quiet", f"ansible=={ANSIBLE_VERSION}", "kubernetes"])
    return str(folder / "bin/ansible-playbook")


def _helm(cache: Path) -> str:
    program = cache / f"helm-{HELM_VERSION}/helm"
    if not program.exists():
        _go(["install", f"helm.sh/helm/v4/cmd/helm@{HELM_VERSION}"], HERE, GOBIN=str(program.parent))
    return str(program)


def _flux(cache: Path) -> str:
    program = cache / "flux/flux"
    if not program.exists():
        _go(["build", "-o", str(program), "."], HERE / "flux")
    return str(program)


def _go(arguments: Sequence[str], folder: Path, **environment: str) -> None:
    print(f"Building: go {' '.join(arguments)} (minutes, once)", file=sys.stderr, flush=True)
    done = subprocess.run(["go", *arguments], cwd=folder, env={**os.environ, **environment}, check=False)
    if done.returncode:
        raise CommandFailed(f"go {' '.join(arguments)} ended with {done.returncode}")
