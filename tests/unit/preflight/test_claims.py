"""What a claim that is there already will not take is told by the variable that asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.preflight.claims import refused_changes

WANT = {
    "variable": "persistence_storage_class",
    "name": "",
    "namespace": "monitoring",
    "claim": "mlflow-pvc",
    "size_variable": "persistence_size",
    "size": "10Gi",
}


def claim(size: str = "10Gi", storage_class: str = "standard") -> dict[str, Any]:
    return {
        "spec": {"storageClassName": storage_class, "resources": {"requests": {"storage": size}}},
        "status": {"capacity": {"storage": size}},
    }


def never(_: str) -> bool:
    return False


def always(_: str) -> bool:
    return True


@pytest.mark.parametrize("size", ["10Gi", "10240Mi"])
def test_the_same_size_is_no_change(size: str) -> None:
    assert refused_changes(WANT, claim(size), never) == []


def test_no_claim_shrinks() -> None:
    (finding,) = refused_changes(WANT, claim("20Gi"), always)
    assert finding.subject == "Variable persistence_size"
    assert "monitoring/mlflow-pvc has 20Gi" in finding.why


def test_a_claim_grows_where_its_class_lets_it() -> None:
    assert refused_changes(WANT, claim("5Gi"), always) == []
    (finding,) = refused_changes(WANT, claim("5Gi"), never)
    assert "its class standard cannot let it grow to 10Gi" in finding.why


def test_the_class_is_fixed() -> None:
    (finding,) = refused_changes({**WANT, "name": "fast"}, claim(), never)
    assert finding.subject == "Variable persistence_storage_class"
    assert "has the class standard" in finding.why


def test_a_claim_that_waits_for_its_volume_is_measured_by_what_it_asks_for() -> None:
    waiting = {**claim("20Gi"), "status": {"phase": "Pending"}}
    assert len(refused_changes(WANT, waiting, always)) == 1
