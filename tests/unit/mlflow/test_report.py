"""What a person reads at the end of a check."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.check import Difference
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.report import (
    Compared,
    Report,
    RunDiffers,
    counted,
)

sys.path.insert(0, str(Path(__file__).parent))
from runs import run


def test_counts_in_words() -> None:
    assert [counted(number, "param") for number in (0, 1, 2)] == ["0 params", "1 param", "2 params"]


def test_says_how_much_was_equal_and_where() -> None:
    report = Report(run(), Compared(5, 2, 3, 60, 1, 10, 70_000, 10), in_bucket=True)
    assert report.sentence() == (
        "Run orderly-hen: 60 values of 3 metrics, 5 params, 2 tags, 1 model version, 10 artifacts equal in MLflow "
        "and in the bucket"
    )
    alone = Report(run(), Compared(0, 0, 0, 0, 0, 2, 70, 2), in_bucket=False)
    assert alone.sentence() == "Run orderly-hen: 2 artifacts equal in MLflow"
    assert report.as_result()["run"]["run_id"] == "abc"


def test_names_the_first_ten_differences_and_carries_all() -> None:
    error = RunDiffers(run(), [Difference(f"param 'p{number}'", "1", "2") for number in range(12)])
    (row,) = error.result["objects"]
    assert (row["action"], row["readiness"]) == ("failed", "differs")
    assert "param 'p0'" in row["error"]
    assert "differs from what is expected in 12 things: param 'p0' is '2', expected '1'; " in str(error)
    assert "param 'p10'" not in str(error)
    assert str(error).endswith("and 2 more.")
    assert len(error.as_result()["differences"]) == 12


def test_one_difference_is_one_thing() -> None:
    assert "in 1 thing: " in str(RunDiffers(run(), [Difference("a", 1, "x" * 300)]))
    assert len(str(RunDiffers(run(), [Difference("a", 1, "x" * 300)]))) < 250
