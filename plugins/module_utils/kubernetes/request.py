"""The requests that read, predict and write one object: what is sent, apart from when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.conflicts import conflicting_managers
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resource

JSON = Any

APPLY = "application/apply-patch+yaml"  # JSON is YAML, and the server reads it faster


@dataclass(frozen=True)
class Applying:
    """As whom fields are applied, and whether fields of others are taken over."""

    field_manager: str = "mlops.tracking"
    force: bool = False


def send_apply(
    cluster: Cluster, resource: Resource, manifest: Manifest, how: Applying, *, dry_run: bool = False
) -> Mapping[str, JSON]:
    """Server-side apply of one manifest; answers with the object as it is, or would be, afterwards."""
    query = {"fieldManager": how.field_manager, "force": "true" if how.force else "false"}
    if dry_run:
        query["dryRun"] = "All"
    path, body = resource.path(manifest.reference), json.dumps(manifest.body).encode()
    try:
        answer: Mapping[str, JSON] = cluster.request("PATCH", path, query=query, body=body, content_type=APPLY)
    except ApiError as error:
        if not _is_only_with(error, how.field_manager):
            raise
        query["force"] = "true"
        answer = cluster.request("PATCH", path, query=query, body=body, content_type=APPLY)
    return answer


def _is_only_with(error: ApiError, field_manager: str) -> bool:
    """Whether all conflicts are with our own writes of another kind, such as scaling: those we may take back."""
    managers = conflicting_managers(error)
    return bool(managers) and set(managers) == {field_manager}


def send_delete(cluster: Cluster, resource: Resource, live: Mapping[str, JSON], manifest: Manifest) -> None:
    """Deletes the very object that was seen (its uid is a precondition), and what it owns after it."""
    cluster.request(
        "DELETE",
        resource.path(manifest.reference),
        body={
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": live["metadata"]["uid"]},
        },
    )
