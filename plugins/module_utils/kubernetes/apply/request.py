"""The requests that read, predict and write one object: what is sent, apart from when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.conflicts import Conflict, conflicts_in
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import changed_paths, comparable
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.takeover import KUBECTL
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resource
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.field_paths import check_paths, is_under
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any

APPLY = "application/apply-patch+yaml"  # JSON is YAML, and the server reads it faster


_TRIES = 5  # to take fields over while somebody else keeps writing


@dataclass(frozen=True)
class Applying:
    """As whom fields are applied, and under which paths fields of others are taken over (`*`: under all)."""

    field_manager: str = "mlops.tracking"
    force: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_paths("force_conflicts", self.force)


def send_apply(
    cluster: Cluster, resource: Resource, manifest: Manifest, how: Applying, *, dry_run: bool = False
) -> Mapping[str, JSON]:
    """Server-side apply of one manifest; answers with the object as it is, or would be, afterwards."""
    try:
        return _send(cluster, resource, manifest.body, how, dry_run=dry_run)
    except ApiError as error:
        if not _may_be_settled(error, how):
            raise
    return _forced(cluster, resource, manifest, how, dry_run=dry_run)


def _forced(
    cluster: Cluster, resource: Resource, manifest: Manifest, how: Applying, *, dry_run: bool
) -> Mapping[str, JSON]:
    """Takes fields over from the very object whose conflicts were looked at, so that no later one is forced."""
    for _try in range(_TRIES):
        live = cluster.request("GET", resource.path(manifest.reference))
        metadata = {**manifest.body["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}
        body = {**manifest.body, "metadata": metadata}
        try:
            return _send(cluster, resource, body, how, dry_run=dry_run)
        except ApiError as error:
            last = error
            if error.status != 409:
                raise
        if not conflicts_in(last):
            continue  # somebody wrote in between
        if not _may_be_forced(cluster, resource, manifest, how, conflicts_in(last, live), live):
            break
        try:
            return _send(cluster, resource, body, how, dry_run=dry_run, force=True)
        except ApiError as error:
            if error.status != 409:
                raise
            last = error
    raise last


def _send(
    cluster: Cluster,
    resource: Resource,
    body: Mapping[str, JSON],
    how: Applying,
    *,
    dry_run: bool,
    force: bool = False,
) -> Mapping[str, JSON]:
    query = {"fieldManager": how.field_manager, "force": "true" if force else "false"}
    if dry_run:
        query["dryRun"] = "All"
    path, content = resource.path(Reference.of(body)), json.dumps(body).encode()
    answer: Mapping[str, JSON] = cluster.request("PATCH", path, query=query, body=content, content_type=APPLY)
    return answer


def _may_be_settled(error: ApiError, how: Applying) -> bool:
    """Whether a refusal is worth a look at the live object: no other conflicts could ever be forced."""
    conflicts = conflicts_in(error)
    return bool(conflicts) and (bool(how.force) or {each.manager for each in conflicts} <= {how.field_manager, KUBECTL})


def _may_be_forced(
    cluster: Cluster,
    resource: Resource,
    manifest: Manifest,
    how: Applying,
    conflicts: Sequence[Conflict],
    live: Mapping[str, JSON],
) -> bool:
    """Whether each conflict is with our own writes of another kind, under a path that may be taken over, or no other
    value of `kubectl apply` at all."""
    others = [each for each in conflicts if each.manager != how.field_manager and not each.is_under(how.force)]
    if any(conflict.manager != KUBECTL for conflict in others):
        return False
    return not others or _are_spellings(cluster, resource, manifest, how, others, live)


def _are_spellings(
    cluster: Cluster,
    resource: Resource,
    manifest: Manifest,
    how: Applying,
    conflicts: Sequence[Conflict],
    live: Mapping[str, JSON],
) -> bool:
    """Whether these values are the same once the server keeps them.

    The server compares spellings (`1000m` and `1`), so nearly every Deployment that kubectl made would be in conflict.
    """
    after = _send(cluster, resource, manifest.body, how, dry_run=True, force=True)
    changes = changed_paths(comparable(live), comparable(after))
    return not any(
        is_under(conflict.path, [change]) or is_under(change, [conflict.path])
        for conflict in conflicts
        for change in changes
    )


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
