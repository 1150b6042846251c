"""An inventory as text: exact, for people, small, and one object whatever version it is described in."""

from __future__ import annotations

import random
import uuid

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import (
    LARGEST,
    Entry,
    Inventory,
    InventoryName,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

MLFLOW = Reference("apps/v1", "Deployment", "monitoring", "mlflow")
STORAGE = Reference("v1", "Namespace", "", "storage")


def inventory(count: int) -> Inventory:
    seeded = random.Random(count)
    return Inventory.of(
        Entry(
            Reference("networking.k8s.io/v1", "NetworkPolicy", "monitoring", f"object-with-a-name-{number}"),
            str(uuid.UUID(int=seeded.getrandbits(128))),
        )
        for number in range(count)
    )


def test_is_a_line_an_object_and_sorted() -> None:
    held = Inventory.of([Entry(MLFLOW, "1-2"), Entry(STORAGE)])
    assert held.text == "v1 Namespace storage\napps/v1 Deployment monitoring/mlflow 1-2\n"


def test_what_is_written_is_what_is_read() -> None:
    held = inventory(200).joined([Entry(STORAGE), Entry(MLFLOW, "1-2")])
    assert Inventory.parse(held.text) == held


def test_an_object_in_another_version_of_its_group_is_the_same() -> None:
    held = Inventory.of([Entry(Reference("example.org/v1beta1", "Widget", "a", "b"), "1")])
    newer = Reference("example.org/v1", "Widget", "a", "b")
    assert held.holds(newer)
    assert held.joined([Entry(newer, "1")]).text == "example.org/v1 Widget a/b 1\n"


def test_an_object_of_another_group_is_another() -> None:
    held = Inventory.of([Entry(Reference("extensions/v1beta1", "Ingress", "a", "b"), "1")])
    assert not held.holds(Reference("networking.k8s.io/v1", "Ingress", "a", "b"))


def test_five_thousand_objects_fit_in_a_config_map() -> None:
    assert inventory(5000).largest_size < LARGEST * 0.6


def test_size_counts_uids_that_are_still_to_come() -> None:
    whole = inventory(50)
    assert Inventory.of(Entry(entry.reference) for entry in whole).largest_size == whole.largest_size


@pytest.mark.parametrize("line", ["v1 ConfigMap", "v1  ConfigMap a/b", "v1 ConfigMap a/b 1 2", "nonsense"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 is not"):
        Inventory.parse(f"v1 Namespace a 1\n{line}\n")


@pytest.mark.parametrize("text", ["inventory", "/name", "namespace/", "a/b/c", "Big/name", "a/under_score", "a b/c"])
def test_a_name_that_is_none_says_how_to_write_it(text: str) -> None:
    with pytest.raises(InvalidInput, match="Write it as namespace/name"):
        InventoryName.parse(text)
