"""Values that are made once are never made anew beside data that needs the old ones."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.generated import resolve

CLAIM = Reference("v1", "PersistentVolumeClaim", "storage", "minio-data")
LIVE_CLAIM = {"kind": "PersistentVolumeClaim"}


def root(**annotations: str) -> Manifest:
    written = {f"tracking.mlops/{key.replace('_', '-')}": value for key, value in annotations.items()}
    metadata = {"name": "minio-root", "namespace": "storage", "annotations": written}
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    return Manifest(Reference.of(body), body, "a test")


GUARDED = root(generate="password=40", generate_unless="PersistentVolumeClaim/minio-data")


def test_a_lost_password_is_not_made_anew_while_its_data_is_there() -> None:
    with pytest.raises(TrackingError, match="its password is gone while PersistentVolumeClaim storage/minio-data"):
        resolve([GUARDED], {CLAIM: LIVE_CLAIM}.get, may_be_missing=True)


def test_a_password_is_made_where_there_is_no_data_yet() -> None:
    (made,) = resolve([GUARDED], {}.get, may_be_missing=False)
    assert "password" in made.body["data"]


def test_a_password_that_is_there_is_kept_beside_its_data() -> None:
    live = {CLAIM: LIVE_CLAIM, GUARDED.reference: {"data": {"password": "a2VwdA=="}}}
    (kept,) = resolve([GUARDED], live.get, may_be_missing=False)
    assert kept.body["data"] == {"password": "a2VwdA=="}


def test_without_the_guard_a_password_is_made() -> None:
    (made,) = resolve([root(generate="password=40")], {CLAIM: LIVE_CLAIM}.get, may_be_missing=False)
    assert "password" in made.body["data"]
