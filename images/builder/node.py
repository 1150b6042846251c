"""Puts images into the store of a node image, so that a cluster starts without asking anyone for them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import docker
from .progress import Progress

# The store gets the images unpacked by nobody: overlayfs can't be unpacked on overlayfs, and /var is a volume later.
IMPORT = """set -eu
containerd >/tmp/containerd.log 2>&1 &
until ctr version >/dev/null 2>&1; do sleep 0.2; done
ctr --namespace k8s.io images import --no-unpack /in/held.tar
while read -r from to; do ctr --namespace k8s.io images tag --force "$from" "$to"; done < /in/names
kill $!
wait || true
rm -f /tmp/containerd.log
"""


def fill(
    bare: str, tag: str, held: Mapping[str, Sequence[str]], entrypoint: str, scratch: Path, progress: Progress
) -> None:
    """Makes `tag` from the image `bare` with the images `held` (reference -> names in the node) in its store."""
    docker.save(list(held), scratch / "held.tar", progress)
    names = [f"docker.io/{reference} {name}\n" for reference, names in held.items() for name in names]
    (scratch / "names").write_text("".join(names))
    container = progress.run(
        [
            "docker",
            "run",
            "--detach",
            "--privileged",
            f"--volume={scratch}:/in:ro",
            "--entrypoint=sleep",
            bare,
            "infinity",
        ]
    )
    try:
        progress.run(["docker", "exec", container, "sh", "-c", IMPORT])
        progress.run(["docker", "commit", f'--change=ENTRYPOINT ["{entrypoint}"]', container, tag])
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)
