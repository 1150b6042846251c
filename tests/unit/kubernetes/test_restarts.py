"""Pods start anew when a Secret they read changes, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.restarts import (
    DIGEST,
    RESTART_WITH,
    stamped,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import InvalidManifest, Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference


def manifest(body: dict[str, Any], **more: Any) -> Manifest:
    return Manifest(Reference.of(body), body, "a test", **more)


def secret(value: str, **more: Any) -> Manifest:
    metadata = {"name": "root", "namespace": "storage"}
    return manifest({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"password": value}}, **more)


def workload(annotations: dict[str, str]) -> Manifest:
    template = {"metadata": {"annotations": annotations}, "spec": {}}
    metadata = {"name": "minio", "namespace": "storage"}
    return manifest(
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": {"template": template}}
    )


def digest(*manifests: Manifest, check: bool = False) -> str:
    body = stamped(manifests, check=check)[-1].body
    return str(body["spec"]["template"]["metadata"]["annotations"][DIGEST])


READER = workload({RESTART_WITH: "root"})


def test_the_same_values_make_the_same_template() -> None:
    assert digest(secret("b25l"), READER) == digest(secret("b25l"), READER)


def test_another_value_makes_another_template() -> None:
    assert digest(secret("b25l"), READER) != digest(secret("dHdv"), READER)


def test_a_digest_shows_nothing_of_the_value() -> None:
    assert "b25l" not in digest(secret("b25l"), READER)


def test_values_that_are_not_made_yet_are_left_open_in_check_mode() -> None:
    unmade = secret("cmFuZG9t", open_keys={"password": "generated"})
    assert digest(unmade, READER, check=True) == "(of values that are not made yet)"
    assert digest(unmade, READER) == digest(secret("cmFuZG9t"), READER)


def test_a_workload_that_names_no_secret_is_left_alone() -> None:
    plain = workload({"other": "annotation"})
    assert stamped([secret("b25l"), plain], check=False) == [secret("b25l"), plain]


def test_a_secret_that_is_not_in_the_set_is_refused() -> None:
    with pytest.raises(InvalidManifest, match="Secret storage/root, which is not in the set"):
        stamped([READER], check=False)
