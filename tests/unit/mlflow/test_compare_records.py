"""What counts as a difference between a run as it was written and as the server tells of it."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.check import compare_records
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.evidence import Expected, ExpectedVersion

sys.path.insert(0, str(Path(__file__).parent))
from runs import observed

NOTHING = dict.fromkeys(("params", "metrics", "tags", "model_versions", "artifacts"))


def sentences(expected: Expected, **changes: Any) -> list[str]:
    return [one.sentence() for one in compare_records(expected, observed(**changes))]


def test_finds_nothing_where_all_is_as_written() -> None:
    version = ExpectedVersion("churn", "3", "Production", ("champion",), "abc")
    expected = Expected(
        params={"epochs": "20"}, metrics={"loss": [(0, 0.3), (1, 0.1)]}, tags={"team": "a"}, model_versions=[version]
    )
    assert sentences(expected) == []


def test_does_not_mind_more_than_is_expected() -> None:
    assert sentences(Expected(), params={"more": "1"}, tags={"mlflow.user": "x"}) == []


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        (Expected(status="FAILED"), "the status of run abc is 'FINISHED', expected 'FAILED'"),
        (Expected(params={"epochs": "21"}), "param 'epochs' is '20', expected '21'"),
        (Expected(params={"rate": "1"}), "param 'rate' is missing, expected '1'"),
        (Expected(tags={"team": "b"}), "tag 'team' is 'a', expected 'b'"),
        (Expected(metrics={"loss": 0.2}), "metric 'loss' is 0.1, expected 0.2"),
        (Expected(metrics={"gain": 0.2}), "metric 'gain' is missing, expected 0.2"),
        (Expected(metrics={"loss": [(0, 0.3)]}), "the number of values of metric 'loss' is 2, expected 1"),
        (Expected(metrics={"loss": [(0, 0.3), (2, 0.1)]}), "a step of metric 'loss' is 1, expected 2"),
        (Expected(metrics={"loss": [(0, 0.3), (1, 0.2)]}), "metric 'loss' at step 1 is 0.1, expected 0.2"),
    ],
)
def test_names_what_differs(expected: Expected, sentence: str) -> None:
    assert sentences(expected) == [sentence]


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (ExpectedVersion("churn", "4"), "model 'churn' version 4 is missing, expected 'a registered version'"),
        (
            ExpectedVersion("churn", "3", stage="Staging"),
            "the stage of model 'churn' version 3 is 'Production', expected 'Staging'",
        ),
        (ExpectedVersion("churn", "3", run_id="d"), "the run of model 'churn' version 3 is 'abc', expected 'd'"),
    ],
)
def test_names_what_differs_in_the_registry(version: ExpectedVersion, sentence: str) -> None:
    assert sentences(Expected(model_versions=[version])) == [sentence]


def test_misses_an_alias_that_points_elsewhere() -> None:
    (found,) = sentences(Expected(model_versions=[ExpectedVersion("churn", "3", aliases=("champion", "best"))]))
    assert found.startswith("alias 'best' of model 'churn' version 3 is")


def test_takes_one_nan_for_another_and_rounds_nothing() -> None:
    assert sentences(Expected(metrics={"loss": math.nan}), metrics={"loss": math.nan}) == []
    assert len(sentences(Expected(metrics={"loss": 0.1 + 0.2}), metrics={"loss": 0.3})) == 1


def test_reads_numbers_as_numbers_and_params_as_text() -> None:
    expected = Expected.from_parameters(
        {**NOTHING, "status": "FINISHED", "params": {"epochs": 20}, "metrics": {"a": 1, "b": [[0, "NaN"]]}}
    )
    assert expected.params == {"epochs": "20"}
    assert expected.metrics["a"] == 1.0
    history = expected.metrics["b"]
    assert isinstance(history, list)
    assert math.isnan(history[0][1])


@pytest.mark.parametrize("value", ["high", [[0]], {"a": 1}, None, [1, 2]])
def test_a_metric_that_is_no_number_names_the_option(value: object) -> None:
    with pytest.raises(InvalidInput, match="metrics"):
        Expected.from_parameters({**NOTHING, "status": "FINISHED", "metrics": {"loss": value}})
