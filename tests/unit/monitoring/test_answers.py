"""What is taken for a fault in what Prometheus and Grafana say."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import Panel
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.grafana import faults_of_answers, has_value
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.patience import NotAsItShould, until_well
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.prometheus import Observed, Rule, Target, faults
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import ServerError

UP = Target("mlflow", "mlflow-0", is_up=True, error="")
LOADED = Rule("MLflowDown", is_healthy=True, error="", state="inactive")
PANEL = Panel("Example", "Requests", {"A": "a", "B": "b"}, frozenset())


def observed(**given: Any) -> Observed:
    return Observed(**{"targets": [UP], "rules": [LOADED], "answers": {"requests": 3}, **given})


def frame(*columns: list[Any]) -> dict[str, Any]:
    return {"data": {"values": list(columns)}}


def test_says_nothing_when_all_is_well() -> None:
    assert faults(observed(), ["mlflow"], ["MLflowDown"]) == []


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (observed(targets=[]), "job mlflow has no target"),
        (observed(targets=[Target("mlflow", "m-0", False, "refused")]), "target mlflow m-0 is down: refused"),
        (observed(targets=[Target("mlflow", "m-0", False, "")]), "target mlflow m-0 is down: it was not scraped yet"),
        (observed(rules=[]), "rule MLflowDown is not loaded"),
        (observed(rules=[Rule("MLflowDown", False, "bad", "")]), "rule MLflowDown is not healthy: bad"),
        (observed(answers={"requests": 0}), "query requests returns nothing"),
        (observed(answers={"requests": "400 parse error"}), "query requests is refused: 400 parse error"),
    ],
)
def test_names_each_thing_that_is_wrong(seen: Observed, expected: str) -> None:
    assert faults(seen, ["mlflow"], ["MLflowDown"]) == [expected]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([], False),
        ([frame([], [])], False),
        ([frame([1, 2], [None, None])], False),
        ([frame([1, 2], [None, 0])], True),
        ([frame([1], [None]), frame([1], [5.5])], True),
    ],
)
def test_takes_a_zero_for_a_value_and_nothing_for_none(frames: list[Any], expected: bool) -> None:
    assert has_value(frames) is expected


def test_names_panel_and_query_that_have_no_answer() -> None:
    said = list(faults_of_answers(PANEL, {"A": {"frames": [frame([1], [1])]}, "B": {"error": "parse error"}}))
    assert said == ["query B of panel 'Requests' of dashboard 'Example' is refused: parse error"]
    assert list(faults_of_answers(PANEL, {"A": {"frames": [frame([1], [1])]}})) == [
        "query B of panel 'Requests' of dashboard 'Example' returns nothing"
    ]


def test_looks_once_where_it_is_not_to_wait() -> None:
    looks: list[int] = []
    with pytest.raises(NotAsItShould, match="Prometheus is not as it should be in 1 thing: job a"):
        until_well(lambda: looks.append(1), lambda _: ["job a has no target"], server="Prometheus", wait=0, mend="")
    assert len(looks) == 1


def test_names_ten_faults_and_counts_the_others() -> None:
    error = NotAsItShould("Grafana", [f"fault {number}" for number in range(14)], "")
    assert "fault 9; and 4 more" in str(error)
    assert len(error.data["faults"]) == 14


def test_does_not_wait_for_a_server_that_refuses() -> None:
    def refuse() -> None:
        raise ServerError("Grafana refuses a request", status=401)

    with pytest.raises(ServerError):
        until_well(refuse, lambda _: [], server="Grafana", wait=60, mend="")
