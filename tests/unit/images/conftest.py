"""A copy of images/ that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ansible_collections.mlops.tracking.images.builder.catalogue import IMAGES_FOLDER


@pytest.fixture
def images_folder(tmp_path: Path) -> Path:
    """images/ as it is, without the builder."""
    return Path(
        shutil.copytree(IMAGES_FOLDER, tmp_path / "images", ignore=shutil.ignore_patterns("builder", "__pycache__"))
    )
