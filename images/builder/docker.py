"""The few things that the builder asks of Docker."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import BuildError
from .progress import Progress, not_installed

REPOSITORY = "mlops-tracking"


def reference(name: str, fingerprint: str) -> str:
    """What a built image is called."""
    return f"{REPOSITORY}/{name}:{fingerprint}"


def built_images() -> frozenset[str]:
    """References of all built images that Docker has; empty where no Docker answers."""
    listing = ["docker", "image", "ls", f"{REPOSITORY}/*", "--format", "{{.Repository}}:{{.Tag}}"]
    if shutil.which("docker") is None:
        return frozenset()
    done = subprocess.run(listing, capture_output=True, text=True, check=False)
    return frozenset(done.stdout.split()) if done.returncode == 0 else frozenset()


def demand() -> None:
    """Raises BuildError unless a Docker answers."""
    if shutil.which("docker") is None:
        raise not_installed("docker")
    done = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ""
        raise BuildError("No Docker answers", why=why, mend="Start it, or let role local_cluster do it")


def build(folder: Path, tag: str, progress: Progress, arguments: Mapping[str, str]) -> str:
    """Builds the context `folder`, tags it when it is whole (unless `tag` is empty) and returns its ID."""
    command = ["docker", "build", "--quiet", "--force-rm"]
    command += [f"--build-arg={key}={value}" for key, value in arguments.items()]
    command += ["--tag", tag] if tag else []
    return progress.run([*command, str(folder)], environment=_environment()).splitlines()[-1]


def tag(image: str, name: str, progress: Progress) -> None:
    progress.run(["docker", "tag", image, name])


def save(references: Sequence[str], path: Path, progress: Progress) -> None:
    progress.run(["docker", "save", "--output", str(path), *references])


def drop_stages(progress: Progress) -> None:
    """Removes what multi-stage builds left behind: only unnamed images that carry our label."""
    progress.run(["docker", "image", "prune", "--force", "--filter", f"label={REPOSITORY}.stage"])


def _environment() -> dict[str, str]:
    has_buildx = subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False).returncode == 0
    # Debian's Docker comes without buildx, and then only the old builder works.
    return {**os.environ, "DOCKER_BUILDKIT": "1" if has_buildx else "0"}
