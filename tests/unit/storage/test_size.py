"""Sizes in the units of Kubernetes."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.storage.size import size_in_bytes


@pytest.mark.parametrize(("text", "size"), [("0", 0), ("10Gi", 10 * 2**30), ("500M", 500_000_000), ("1.5Ki", 1536)])
def test_counts_bytes(text: str, size: int) -> None:
    assert size_in_bytes(text) == size


@pytest.mark.parametrize("text", ["", "ten", "10 GB", "-1Gi", "10gi"])
def test_refuses_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="not a size such as 500M or 10Gi"):
        size_in_bytes(text)
