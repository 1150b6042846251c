"""What may be put right by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from drift_reports import report

from ansible_collections.mlops.tracking.plugins.module_utils.drift.correct import correctable
from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Finding, Ignored
from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput

ALL = ["ConfigMap", "Deployment", "Service"]
FOUND = [
    Finding("Deployment a/b", "changed", "spec.replicas", "/spec/replicas"),
    Finding("Service a/c", "missing"),
    Finding("ConfigMap a/d", "extra"),
]


def test_names_what_drifts_of_the_allowed_kinds() -> None:
    assert correctable(report(findings=FOUND, ignored=[]), ["Service"]) == ["Service a/c"]


def test_never_names_what_nobody_described() -> None:
    assert correctable(report(findings=FOUND, ignored=[]), ALL) == ["Deployment a/b", "Service a/c"]


def test_leaves_an_object_of_which_a_rule_ignores_something() -> None:
    ignored = [Ignored(Finding("Deployment a/b", "extra", "spec.paused", "/spec/paused"), "a rule")]
    assert correctable(report(findings=FOUND, ignored=ignored), ALL) == ["Service a/c"]


@pytest.mark.parametrize("kind", ["PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition"])
def test_a_kind_that_holds_data_is_refused_by_name(kind: str) -> None:
    with pytest.raises(InvalidInput, match=f"drift_correct_kinds.*{kind}"):
        correctable(report(), [kind])
