"""Builds Grafana's server (its API and provisioning; no web pages) from its published Go module.

The module lacks what `wire` generates for pkg/server (its dependency injection), so that is generated beside copies of
a few of its files. Nothing of Grafana lies in this repository: it is AGPL-3.0, and made anew at build time.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from . import go
from .catalogue import Binary
from .progress import Progress

WIRE = "github.com/google/wire/cmd/wire@v0.7.0"
SERVER_FILES = ("server", "runner", "test_env", "wire", "wireexts_oss")
COMMAND_FILES = ("cli", "diagnostics")
# SQLite is C; everything is linked statically, so that the server runs in an image with nothing beside it.
TAGS = "netgo,osusergo,sqlite_omit_load_extension"


def build(binary: Binary, images_folder: Path, into: Path, progress: Progress) -> None:
    """Puts the server and its folder `home` (configuration, provisioned images, plugins' descriptions) into `into`."""
    own = {**go.environment(into), "CGO_ENABLED": "1", "GOFLAGS": "-mod=mod -buildvcs=false"}
    with tempfile.TemporaryDirectory(prefix="mlops-tracking-") as scratch:
        work = Path(scratch)
        (work / "bin").mkdir()
        own["GOBIN"] = str(work / "bin")
        with progress.step(f"Fetch {binary.module}"):
            source = go.fetch(binary, into, progress)
        with progress.step("Generate how its services are put together"):
            _lay_out(binary, source, images_folder / "grafana" / "main.go", work)
            progress.run(["go", "install", WIRE], folder=work / "bin", environment={**own, "GOFLAGS": ""})
            progress.run([str(work / "bin" / "wire"), "gen", "-tags", "oss", "./server"], folder=work, environment=own)
        with progress.step(f"Compile {binary.name} {binary.version}"):
            flags = "-s -w -linkmode external -extldflags -static"
            command = ["go", "build", "-trimpath", "-tags", TAGS, "-ldflags", flags, "-o", str(into / binary.name), "."]
            progress.run(command, folder=work, environment=own)
        _furnish(source, into / "home")


def _lay_out(binary: Binary, source: Path, main: Path, work: Path) -> None:
    """A module of its own with Grafana's pins and replaces, and copies of the files that need generated ones."""
    pins = (source / "go.mod").read_text().split("\n", 1)[1]
    (work / "go.mod").write_text(f"module grafana\n{pins}\nrequire {binary.module} {binary.version}\n")
    (work / "go.sum").write_text((source / "go.sum").read_text())
    shutil.copy(main, work)
    for folder, files, origin in (
        ("server", SERVER_FILES, source / "pkg/server"),
        ("commands", COMMAND_FILES, source / "pkg/cmd/grafana-server/commands"),
    ):
        (work / folder).mkdir()
        for name in files:
            text = (origin / f"{name}.go").read_text()
            (work / folder / f"{name}.go").write_text(text.replace(f'"{binary.module}/pkg/server"', '"grafana/server"'))


def _furnish(source: Path, home: Path) -> None:
    for empty in ("public/build", "public/views", "public/img", "plugins-bundled"):
        (home / empty).mkdir(parents=True)
    for tree in ("conf", "public/dashboards", "public/emails"):
        shutil.copytree(source / tree, home / tree, copy_function=shutil.copyfile)
    files = [source / "public/img/user_profile.png", *(source / "public/app/plugins").rglob("plugin.json")]
    for file in files:
        place = home / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # the module cache is read-only
