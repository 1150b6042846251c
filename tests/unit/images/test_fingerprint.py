"""The hash changes with everything that something is built from, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.mlops.tracking.images.builder import catalogue
from ansible_collections.mlops.tracking.images.builder.fingerprint import Fingerprints


def fingerprints(folder: Path) -> dict[str, str]:
    known = Fingerprints(catalogue.load(folder))
    return {
        **{f"binary {name}": known.binary(name) for name in known.catalogue.binaries},
        **{f"base {name}": known.base(name) for name in known.catalogue.bases},
        **{f"image {name}": known.image(name) for name in known.catalogue.images},
    }


def changed_by(folder: Path, file: str, old: str, new: str) -> set[str]:
    before = fingerprints(folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    after = fingerprints(folder)
    return {name for name in after if after[name] != before[name]}


def test_is_the_same_for_equal_inputs(images_folder: Path) -> None:
    assert fingerprints(images_folder) == fingerprints(catalogue.IMAGES_FOLDER)


def test_is_different_for_different_things(images_folder: Path) -> None:
    known = fingerprints(images_folder)
    assert len(set(known.values())) == len(known)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("pause/main.go", "SIGTERM", "SIGQUIT", {"binary pause", "image pause", "image node"}),
        ("kubernetes/go.sum", "h1:", "h2:", {"binary kubernetes", "image system", "image node"}),
        ("mlflow/requirements.txt", "mlflow==", "mlflow===", {"image mlflow"}),
        ("node/entrypoint", "set -eu", "set -e", {"image node"}),
        ("versions.yml", "version: v0.32.0", "version: v0.33.0", {"binary kind"}),
        ("versions.yml", "7aac2a2c5b7c", "7aac2a2c5b7d", {"binary minio", "image minio"}),
        (
            "versions.yml",
            "[python3, ",
            "[python3, git, ",
            {"base python", "image drift", "image mlflow", "image minio"},
        ),
        ("versions.yml", "etcd:3.6.6-0", "etcd:3.6.7-0", {"image node"}),
    ],
)
def test_changes_with_an_input_and_for_all_that_is_made_of_it(
    images_folder: Path, file: str, old: str, new: str, expected: set[str]
) -> None:
    assert changed_by(images_folder, file, old, new) == expected


def test_changes_for_every_debian_base_when_the_serial_is_raised(images_folder: Path) -> None:
    changed = changed_by(images_folder, "versions.yml", "serial: 1", "serial: 2")
    bases = {name for name in changed if name.startswith("base")}
    assert bases == {"base system", "base node", "base python", "base postgres", "base monitoring"}
    assert not {name for name in changed if name.startswith("binary")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minutes: 6.1", "minutes: 9"),
        ("mlflow:v3.17.2-full", "mlflow:v9-full"),
        ("# The last commit", "# The final commit"),
    ],
)
def test_does_not_change_with_what_only_a_person_or_a_registry_reads(images_folder: Path, old: str, new: str) -> None:
    assert changed_by(images_folder, "versions.yml", old, new) == set()


def test_does_not_change_with_what_a_lock_was_made_from(images_folder: Path) -> None:
    assert changed_by(images_folder, "mlflow/requirements.in", "boto3", "boto3>1") == set()
