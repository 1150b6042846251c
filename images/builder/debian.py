"""Debian root file systems as base images, and the source lines they come from."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import docker
from .catalogue import Base
from .errors import BuildError
from .progress import Progress, not_installed


def build(base: Base, tag: str, progress: Progress) -> None:
    """Makes `base` with mmdebstrap and imports it as `tag`; nothing is tagged unless both ended well."""
    if shutil.which("mmdebstrap") is None:
        raise not_installed("mmdebstrap")
    packages = ",".join(base.packages)
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", base.suite, "-"]
    sources = source_lines(base.suite)
    command += ["-"] if sources else []
    with progress.step(f"Make the Debian base {base.name} with {len(base.packages)} packages"):
        with (
            progress.path.open("ab") as log,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log) as maker,
        ):
            assert maker.stdin
            assert maker.stdout
            maker.stdin.write(sources.encode())
            maker.stdin.close()
            image = progress.run(["docker", "import", "-"], standard_input=maker.stdout)
        if maker.returncode:
            raise BuildError(
                f"mmdebstrap could not make the Debian base {base.name}",
                why=f"it ended with {maker.returncode}",
                mend=f"All of its output is in {progress.path}",
            )
        docker.tag(image, tag, progress)


@dataclass(frozen=True)
class SourceLine:
    """One entry of apt's sources."""

    option: str
    uri: str
    suite: str
    components: str

    def with_release(self, own: str, wanted: str) -> str:
        return f"deb {self.option}{self.uri} {self.suite.replace(own, wanted)} {self.components}\n"


def source_lines(release: str, etc: Path = Path("/etc")) -> str:
    """The machine's own Debian source lines with `release` in place of its own; empty where it is no Debian.

    Lines of other publishers, backports and what is switched off are left out.
    """
    known = etc / "os-release"
    field = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', known.read_text(), re.M)) if known.is_file() else {}
    own = field.get("VERSION_CODENAME", "")
    if field.get("ID") != "debian" or not own:
        return ""
    apt = etc / "apt"
    lines: dict[SourceLine, None] = {}
    for path in (apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))):
        if path.is_file() and path.suffix in (".list", ".sources"):
            lines.update(dict.fromkeys(_entries(path.read_text())))
    suites = (own, f"{own}-updates", f"{own}-security")
    return "".join(line.with_release(own, release) for line in lines if line.suite in suites)


def _entries(text: str) -> Iterator[SourceLine]:
    for option, uri, suite, components in re.findall(
        r"^deb[ \t]+(\[[^]\n]*\][ \t]+)?(\S+)[ \t]+(\S+)[ \t]+([^#\n]+)", text, re.M
    ):
        if _is_debian(uri, components):
            yield SourceLine(option, uri, suite, components.strip())
    for stanza in re.split(r"\n\s*\n", text):
        field = {key.lower(): value.strip() for key, value in re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.M)}
        if "deb" not in field.get("types", "").split() or field.get("enabled", "yes").lower() == "no":
            continue
        signed = field.get("signed-by", "")
        option = f"[signed-by={signed}] " if signed.startswith("/") else ""
        components = field.get("components", "")
        for uri in field.get("uris", "").split():
            for suite in field.get("suites", "").split():
                if _is_debian(uri, components):
                    yield SourceLine(option, uri, suite, components)


def _is_debian(uri: str, components: str) -> bool:
    # Others publish for Debian's suites too, but none of them calls a component `main` under such a path.
    return "debian" in uri and "main" in components.split()
