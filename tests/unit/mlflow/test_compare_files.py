"""What counts as a difference between the files as written, as served, and as they lie in the bucket."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.check import compare_files
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.evidence import Expected
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location

sys.path.insert(0, str(Path(__file__).parent))
from runs import PLACE, Shelf, observed, sha256

FILES = {"loss.csv": b"1,2", "plots/loss.png": b"picture"}
DIGESTS = {path: sha256(content) for path, content in FILES.items()}


def sentences(bucket: Shelf | None, written: dict[str, str] | None = None, largest: int = 1000) -> list[str]:
    expected = Expected(artifacts=DIGESTS if written is None else written)
    found = compare_files(expected, observed(FILES), bucket, Location("bucket", "prefix"), largest=largest)
    return [one.sentence() for one in found]


def test_finds_nothing_where_all_three_are_equal() -> None:
    shelf = Shelf(dict(FILES))
    assert sentences(shelf) == []
    assert sorted(shelf.read) == sorted(FILES)


def test_asks_the_server_alone_without_a_bucket() -> None:
    assert sentences(None) == []
    assert sentences(None, {**DIGESTS, "loss.csv": "0" * 64}) != []


def test_misses_a_file_that_was_written() -> None:
    assert sentences(None, {**DIGESTS, "gone.txt": "0"}) == ["artifact 'gone.txt' is missing, expected 'a file'"]


def test_misses_an_object_in_the_bucket() -> None:
    shelf = Shelf({"loss.csv": b"1,2"})
    assert sentences(shelf) == [
        f"the size of artifact 'plots/loss.png' at {PLACE}/plots/loss.png is missing, expected 7"
    ]


def test_sees_an_object_of_the_same_size_and_other_content() -> None:
    shelf = Shelf({**FILES, "loss.csv": b"2,1"})
    (found,) = sentences(shelf)
    assert found.startswith(f"the digest of artifact 'loss.csv' at {PLACE}/loss.csv is '{sha256(b'2,1')}'")
    assert len(sentences(shelf, {})) == 1, "also where nobody says what was written"


def test_sees_an_object_the_server_does_not_list() -> None:
    (found,) = sentences(Shelf({**FILES, "stray": b"?"}))
    assert found.startswith(f"object {PLACE}/stray")


def test_compares_what_is_large_by_size_only() -> None:
    shelf = Shelf({**FILES, "plots/loss.png": b"pIcture"})
    assert sentences(shelf, largest=3) == []
    assert shelf.read == ["loss.csv"]
