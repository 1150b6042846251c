"""Where an artifact lies, by its URI."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location, locate

DESTINATION = Location("training-results", "mlflow-artifacts")


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("mlflow-artifacts:/1/run/artifacts", "s3://training-results/mlflow-artifacts/1/run/artifacts"),
        ("mlflow-artifacts://host:5000/1/run/artifacts", "s3://training-results/mlflow-artifacts/1/run/artifacts"),
        ("mlflow-artifacts:/a%20b", "s3://training-results/mlflow-artifacts/a b"),
        ("s3://other/direct/run/artifacts", "s3://other/direct/run/artifacts"),
    ],
)
def test_finds_the_place_of(uri: str, place: str) -> None:
    assert str(locate(uri, DESTINATION)) == place


def test_a_destination_without_a_prefix_is_the_bucket_itself() -> None:
    assert str(locate("mlflow-artifacts:/1/run", Location("bucket", ""))) == "s3://bucket/1/run"


@pytest.mark.parametrize("uri", ["file:///tmp/mlruns", "/tmp/mlruns", "", "s3:///no-bucket", "dbfs:/x"])
def test_says_what_lies_in_no_bucket(uri: str) -> None:
    with pytest.raises(TrackingError, match="--artifacts-destination"):
        locate(uri, DESTINATION)
