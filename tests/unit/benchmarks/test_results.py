"""What the benchmarks say of their figures: aims, medians and the page they are written to."""

from __future__ import annotations

from pathlib import Path

import pytest

from aims import Aim
from contenders.contender import Seconds
from report import Report
from rounds import ALONE, Rounds


@pytest.mark.parametrize(
    ("aim", "told"),
    [
        (Aim("no change", 0.8, 0.5, " s"), "| no change: at most 0.8 s | 0.50 s | yes |"),
        (Aim("no change", 0.8, 0.9, " s"), "| no change: at most 0.8 s | 0.90 s | **no** |"),
        (Aim("times as fast", 4, 3.9, is_least=True), "| times as fast: at least 4 | 3.90 | **no** |"),
        (Aim("times as fast", 4, None, is_least=True), "| times as fast: at least 4 | not measured | not measured |"),
    ],
)
def test_an_aim_says_whether_it_is_reached(aim: Aim, told: str) -> None:
    assert aim.row() == told


def test_what_a_library_took_alone_is_kept_apart_from_its_process() -> None:
    rounds = Rounds()
    for wall in (1.0, 9.0, 3.0):
        rounds.note("flux", "first apply", Seconds(wall, wall / 2))
    assert rounds.medians("flux") == {"first apply": 3.0, "first apply" + ALONE: 1.5}


def test_nobody_is_faster_than_one_who_was_not_measured() -> None:
    rounds = Rounds()
    rounds.note("ours", "first apply", Seconds(1.0))
    assert rounds.times("theirs", "ours", "first apply") is None


def test_a_section_is_written_anew_and_the_others_stay(tmp_path: Path) -> None:
    report = Report(tmp_path / "page.md", ["One", "Two"])
    report.write("Two", "| old |")
    report.write("One", "| first |")
    report.write("Two", "| new |\n\n### below\n")
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert text.endswith("\n## One\n\n| first |\n\n## Two\n\n| new |\n\n### below\n")
    assert text.count("\n## ") == 2
