"""The house rules that a program can hold."""

from __future__ import annotations

import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITTEN = (".py", ".yml", ".j2", ".sh")
FORBIDDEN_NAMES = ("utils", "helpers", "common", "misc")


def written_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if name.endswith(WRITTEN) and (ROOT / name).is_file()]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_one_sitting() -> None:
    assert {str(path.relative_to(ROOT)): lines(path) for path in written_files() if lines(path) > 500} == {}


def test_most_files_are_short() -> None:
    assert statistics.median(lines(path) for path in written_files()) < 150


def test_names_say_what_is_inside() -> None:
    assert [str(path.relative_to(ROOT)) for path in written_files() if path.stem in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("module", sorted((ROOT / "plugins/modules").glob("*.py")), ids=lambda path: path.stem)
def test_every_module_is_named_in_a_test(module: Path) -> None:
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    roles = [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]
    assert any(module.stem in path.read_text(encoding="utf-8") for path in [*tests, *roles])
