"""The engine as the tests call it: plan, look, carry out; and the API server to look at behind its back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from api_server import ApiServer

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.manifest_set import (
    PlannedSet,
    SetOptions,
    plan_absent,
    plan_present,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resources

JSON = Any


def documents(*objects: Mapping[str, JSON] | str) -> str:
    """What the action plugin hands to the module: mappings as definitions, texts as templates."""
    parts = [
        {"source": f"Template {number}", "text": each}
        if isinstance(each, str)
        else {"source": f"Definition {number}", "object": each}
        for number, each in enumerate(objects, start=1)
    ]
    return json.dumps(parts)


class Engine:
    """Runs sets against a server, as one user."""

    def __init__(self, server: ApiServer, namespace: str, context: str = "all") -> None:
        self.server = server
        self.namespace = namespace
        self.cluster = Cluster(server.kubeconfig, context)
        self.resources = Resources(self.cluster)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.cluster.close()

    def plan(self, *objects: Mapping[str, JSON] | str, check: bool = False, **how: Any) -> PlannedSet:
        """The plan of one module call with these objects, with diff."""
        options = SetOptions(Applying(**how), threads=4, wait_seconds=0, check=check, diff=True)
        return plan_present(self.cluster, documents(*objects), options)

    def apply(self, *objects: Mapping[str, JSON] | str, **how: Any) -> list[dict[str, JSON]]:
        """The rows of `objects` that one module call returns."""
        planned = self.plan(*objects, **how)
        if not planned.is_change:
            return [row.as_json() for row in planned.rows]
        return [row.as_json() for row in planned.carry_out().rows]

    def plan_absent(self, *objects: Mapping[str, JSON], also_delete: frozenset[str] = frozenset()) -> PlannedSet:
        """The plan of one module call with state=absent."""
        options = SetOptions(Applying(), threads=4, wait_seconds=10, check=False, diff=True)
        return plan_absent(self.cluster, documents(*objects), options, also_delete)

    def live(self, manifest: Mapping[str, JSON]) -> JSON:
        """The live object, or None."""
        return self.cluster.get(self._path(manifest))

    def create(self, manifest: Mapping[str, JSON], manager: str = "somebody") -> JSON:
        """Makes an object as somebody else would."""
        reference = Reference.of(manifest)
        path = self.resources.find(reference.api_version, reference.kind).collection_path(reference.namespace)
        return self.cluster.request("POST", path, query={"fieldManager": manager}, body=manifest)

    def edit(self, manifest: Mapping[str, JSON], patch: JSON, manager: str = "somebody") -> JSON:
        """Changes an object as somebody else would."""
        return self.cluster.request(
            "PATCH",
            self._path(manifest),
            query={"fieldManager": manager},
            body=patch,
            content_type="application/merge-patch+json",
        )

    def audit_mark(self) -> int:
        """Where the audit log is now."""
        return len(self.server.audit())

    def _path(self, manifest: Mapping[str, JSON]) -> str:
        reference = Reference.of(manifest)
        return self.resources.find(reference.api_version, reference.kind).path(reference)
