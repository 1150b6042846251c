"""One notation of fields, whoever names them."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.field_paths import (
    check_paths,
    from_server,
    is_under,
)

LIVE = {
    "metadata": {"annotations": {"example.com/a": "1"}, "finalizers": ["one", "example.com/two"]},
    "spec": {
        "containers": [{"name": "web", "image": "x"}],
        "ports": [{"port": 80, "protocol": "TCP"}, {"port": 81, "protocol": "TCP"}],
    },
}


@pytest.mark.parametrize(
    ("field", "path"),
    [
        (".spec.replicas", "spec.replicas"),
        ('.spec.containers[name="web"].image', "spec.containers[web].image"),
        ('.spec.ports[port=81,protocol="TCP"].targetPort', "spec.ports[1].targetPort"),
        (".metadata.annotations.example.com/a", "metadata.annotations[example.com/a]"),
        ('.metadata.finalizers[="example.com/two"]', "metadata.finalizers[example.com/two]"),
    ],
)
def test_reads_what_the_server_writes(field: str, path: str) -> None:
    assert from_server(field, LIVE) == path


def test_reads_an_item_by_name_without_the_object() -> None:
    assert from_server('.spec.containers[name="web"].image') == "spec.containers[web].image"


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        ("spec.replicas", "spec"),
        ("spec.replicas", "spec.replicas"),
        ("spec.replicas", "*"),
        ("spec.containers[web].image", "spec.containers[web]"),
        ("spec.containers[web].image", '.spec.containers[name="web"]'),
        ("metadata.annotations[example.com/a]", "metadata.annotations.example.com/a"),
    ],
)
def test_a_path_is_under_its_parents_in_any_notation(path: str, parent: str) -> None:
    assert is_under(path, [parent])


@pytest.mark.parametrize(
    ("path", "other"),
    [("spec.replicas", "spec.replica"), ("spec.containers[web].image", "spec.containers[we]"), ("spec", "spec.size")],
)
def test_a_path_is_not_under_what_only_begins_alike(path: str, other: str) -> None:
    assert not is_under(path, [other])


@pytest.mark.parametrize(
    "path", ["metadata.annotations[example.com/a]", ".spec.replicas", 'spec.ports[name="http"]', "*"]
)
def test_a_path_as_a_conflict_names_it_is_taken(path: str) -> None:
    check_paths("force_conflicts", [path])


@pytest.mark.parametrize("path", ["", "/spec/replicas", "spec..replicas", "spec.*", "spec.containers[web", "a b"])
def test_what_is_no_path_is_refused_with_the_mend(path: str) -> None:
    with pytest.raises(
        InvalidInput, match=r"force_conflicts cannot be used: .* is no path of a field\. Write paths as"
    ):
        check_paths("force_conflicts", [path])
