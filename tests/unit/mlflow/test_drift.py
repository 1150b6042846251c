"""What of a running MLflow can differ from its description."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.drift import (
    Revisions,
    artifact_root,
    read_revisions,
)
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location

METRICS = """# HELP mlflow_schema_wanted_info Revision of the schema that the image wants, as a label.
mlflow_schema_wanted_info{revision="abc123"} 1.0
mlflow_schema_info{revision="def456"} 1.0
"""


def test_both_revisions_are_read_from_the_exporters_text() -> None:
    assert read_revisions(METRICS) == Revisions(wanted="abc123", present="def456")
    assert read_revisions("up 1\n") == Revisions()


@pytest.mark.parametrize(
    ("uri", "root"),
    [
        ("mlflow-artifacts:/0", "s3://results/artifacts"),
        ("s3://results/artifacts/0", "s3://results/artifacts"),
        ("s3://results/artifacts-of-others/0", "s3://results/artifacts-of-others/0"),
        ("s3://elsewhere/artifacts/0", "s3://elsewhere/artifacts/0"),
        ("/mlruns/0", "/mlruns/0"),
        ("file:///mlruns/0", "file:///mlruns/0"),
    ],
)
def test_artifacts_belong_below_the_described_place(uri: str, root: str) -> None:
    assert artifact_root(uri, Location("results", "artifacts")) == root
