"""The machine's own Debian source lines, for another release."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.mlops.tracking.images.builder.debian import source_lines

STANZAS = """Types: deb
# a snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Enabled: no
"""
LINES = """# deb http://mirror.example/debian bookworm main
deb [arch=amd64] http://mirror.example/debian bookworm main non-free # ours
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
deb http://vendor.example/linux/debian bookworm stable
deb http://mirror.example/debian trixie main
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "os-release").write_text('PRETTY_NAME="Debian"\nVERSION_CODENAME=bookworm\nID=debian\n')
    return tmp_path


def test_takes_stanzas_but_not_backports_sources_or_what_is_switched_off(etc: Path) -> None:
    (etc / "apt" / "sources.list.d" / "debian.sources").write_text(STANZAS)
    signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    assert source_lines("trixie", etc).splitlines() == [
        f"deb {signed} http://mirror.example/debian trixie main contrib",
        f"deb {signed} http://mirror.example/debian trixie-updates main contrib",
    ]


def test_takes_lines_but_not_those_of_other_publishers_or_releases(etc: Path) -> None:
    (etc / "apt" / "sources.list").write_text(LINES)
    assert source_lines("trixie", etc).splitlines() == [
        "deb [arch=amd64] http://mirror.example/debian trixie main non-free",
        "deb http://mirror.example/debian-security trixie-security main",
    ]


def test_passes_over_files_that_apt_passes_over(etc: Path) -> None:
    (etc / "apt" / "sources.list.d" / "debian.sources.disabled").write_text(STANZAS)
    assert source_lines("trixie", etc) == ""


def test_gives_none_on_another_distribution(etc: Path) -> None:
    (etc / "apt" / "sources.list").write_text(LINES)
    (etc / "os-release").write_text("ID=ubuntu\nVERSION_CODENAME=bookworm\n")
    assert source_lines("trixie", etc) == ""
