"""Keys and addresses of storage servers, before anything is connected."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, Target

GIVEN = {"region": "auto", "credentials": None, "access_key": "somebody", "secret_key": "opensesame"}


def test_a_secret_key_is_not_in_the_representation() -> None:
    assert "opensesame" not in repr(Keys("somebody", "opensesame", "a test"))


def test_a_slash_at_the_end_of_an_endpoint_is_left_out() -> None:
    assert Target.from_parameters({**GIVEN, "endpoint": "https://s3.example.org/"}).endpoint == "https://s3.example.org"


@pytest.mark.parametrize("endpoint", ["", "s3.example.org", "ftp://s3.example.org", "https://s3.example.org/bucket"])
def test_an_endpoint_that_is_no_address_names_the_variable(endpoint: str) -> None:
    with pytest.raises(InvalidInput, match="minio_endpoint_url"):
        Target.from_parameters({**GIVEN, "endpoint": endpoint})
