"""Helm 4, which applies server-side: the objects as the one template of a chart."""

from __future__ import annotations

import shutil
from pathlib import Path

from contenders.contender import FIRST, SAME, Contender, Measure, Seconds, Target
from contenders.tools import built
from timing import run, timed

NAME = "helm upgrade --install"
_VERSION = "v4.3.1"


def contender(root: Path) -> Contender:
    """Built by Go, as its releases are."""
    folder = built(
        f"helm-{_VERSION}", ["install", f"helm.sh/helm/v4/cmd/helm@{_VERSION}"], root, GOBIN="{}", GOFLAGS=""
    )
    upgrade = _upgrade(str(folder / "helm"))
    return Contender(NAME, f"helm {_VERSION}", {FIRST: upgrade, SAME: upgrade})


def _upgrade(program: str) -> Measure:
    def measure(target: Target) -> Seconds:
        chart = target.manifests.parent / f"chart-{target.namespace}"
        (chart / "templates").mkdir(parents=True, exist_ok=True)
        shutil.copy(target.manifests, chart / "templates/objects.yaml")
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: objects\nversion: 1.0.0\n", encoding="utf-8")
        place = ["--kubeconfig", str(target.kubeconfig), "--kube-context", target.context, "-n", target.namespace]
        return Seconds(timed(lambda: run([program, "upgrade", "--install", "objects", str(chart), *place])))

    return measure
