"""The engine as the tests call it: plan, look, carry out; and the API server to look at behind its back."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from api_server import ApiServer

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import (
    PlannedSet,
    SetOptions,
    plan_absent,
    plan_present,
    plan_ready,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.look import Scope, plan_look
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.rules import rules_from
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

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

    def __init__(
        self, server: ApiServer, namespace: str, context: str = "all", *, cluster: Cluster | None = None
    ) -> None:
        self.server = server
        self.namespace = namespace
        self.cluster = cluster or Cluster(server.kubeconfig, context)
        self.resources = Resources(self.cluster)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.cluster.close()

    def plan(
        self,
        *objects: Mapping[str, JSON] | str,
        check: bool = False,
        ignore: Sequence[JSON] = (),
        inventory: str = "",
        also_delete: frozenset[str] = frozenset(),
        prune: bool = True,
        seconds: float = 0,
        progress: Progress | None = None,
        expected_gone: frozenset[str] = frozenset(),
        **how: Any,
    ) -> PlannedSet:
        """The plan of one module call with these objects, with diff. seconds: how long is waited."""
        rules = rules_from(ignore)
        options = _options(
            Applying(**how),
            seconds,
            check=check,
            inventory=inventory,
            also_delete=also_delete,
            prune=prune,
            progress=progress or Progress(),
            ignore=rules,
            expected_gone=expected_gone,
        )
        return plan_present(self.cluster, documents(*objects), options)

    def look(self, *objects: Mapping[str, JSON], inventory: str = "", shared: Sequence[str] = ()) -> list[JSON]:
        """The findings of a drift check, each with the reference of its object. Raises SetFailed."""
        options = _options(Applying(), 0, check=True, inventory=inventory)
        planned = plan_look(self.cluster, documents(*objects), options, Scope(frozenset(shared)))
        rows = [row.as_json() for row in planned.rows]
        return [{"ref": row["ref"], **finding} for row in rows for finding in row["findings"]]

    def apply(self, *objects: Mapping[str, JSON] | str, **how: Any) -> list[dict[str, JSON]]:
        """The rows of `objects` that one module call returns."""
        planned = self.plan(*objects, **how)
        if not planned.is_change:
            return [row.as_json() for row in planned.rows]
        return [row.as_json() for row in planned.carry_out().rows]

    def plan_ready(
        self, *objects: Mapping[str, JSON], check: bool = False, inventory: str = "", seconds: float = 10
    ) -> PlannedSet:
        """The plan of one module call with state=ready."""
        options = _options(Applying(), seconds, check=check, inventory=inventory)
        return plan_ready(self.cluster, documents(*objects), options)

    def plan_absent(
        self,
        *objects: Mapping[str, JSON],
        also_delete: frozenset[str] = frozenset(),
        inventory: str = "",
        seconds: float = 10,
    ) -> PlannedSet:
        """The plan of one module call with state=absent."""
        options = _options(Applying(), seconds, check=False, inventory=inventory, also_delete=also_delete)
        return plan_absent(self.cluster, documents(*objects), options)

    def live(self, manifest: Mapping[str, JSON]) -> JSON:
        """The live object, or None."""
        return self.cluster.get(self._path(manifest))

    def create(self, manifest: Mapping[str, JSON], manager: str = "somebody") -> JSON:
        """Makes an object as somebody else would."""
        reference = Reference.of(manifest)
        path = self.resources.find(reference.api_version, reference.kind).collection_path(reference.namespace)
        return self.cluster.request("POST", path, query={"fieldManager": manager}, body=manifest)

    def allow_looker(self, verbs: Sequence[str], resources: Sequence[str], group: str = "") -> None:
        """Lets user `looker` do this in the test's namespace."""
        api = "rbac.authorization.k8s.io"
        metadata = {"name": "looker", "namespace": self.namespace}
        rules = [{"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}]
        self.create({"apiVersion": f"{api}/v1", "kind": "Role", "metadata": metadata, "rules": rules})
        self.create(
            {
                "apiVersion": f"{api}/v1",
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {"apiGroup": api, "kind": "Role", "name": "looker"},
                "subjects": [{"apiGroup": api, "kind": "User", "name": "looker"}],
            }
        )

    def edit(self, manifest: Mapping[str, JSON], patch: JSON, manager: str = "somebody", subresource: str = "") -> JSON:
        """Changes an object as somebody else would."""
        return self._patch(f"{self._path(manifest)}/{subresource}".rstrip("/"), patch, manager, "merge-patch")

    def edit_strategically(self, manifest: Mapping[str, JSON], patch: JSON, manager: str = "somebody") -> JSON:
        """Changes items of lists as somebody else would with kubectl patch."""
        return self._patch(self._path(manifest), patch, manager, "strategic-merge-patch")

    def _patch(self, path: str, patch: JSON, manager: str, kind: str) -> JSON:
        query = {"fieldManager": manager}
        return self.cluster.request("PATCH", path, query=query, body=patch, content_type=f"application/{kind}+json")

    def delete(self, manifest: Mapping[str, JSON]) -> JSON:
        """Deletes an object as somebody else would."""
        return self.cluster.request("DELETE", self._path(manifest))

    def wait_gone(self, manifest: Mapping[str, JSON], seconds: float = 20) -> None:
        """Comes back once an object is gone; the server itself takes a moment with a kind or a namespace."""
        deadline = time.monotonic() + seconds
        while self.live(manifest) is not None:
            assert time.monotonic() < deadline, f"{Reference.of(manifest)} is still there"
            time.sleep(0.05)

    def audit_mark(self) -> int:
        """Where the audit log is now."""
        return len(self.server.audit())

    def _path(self, manifest: Mapping[str, JSON]) -> str:
        reference = Reference.of(manifest)
        return self.resources.find(reference.api_version, reference.kind).path(reference)


def options_of(**how: Any) -> SetOptions:
    """The options of a call that writes and does not wait."""
    return _options(Applying(**how), 0, check=False)


def _options(how: Applying, seconds: float, *, check: bool, **more: Any) -> SetOptions:
    return SetOptions(how, threads=4, wait_seconds=seconds, check=check, diff=True, **more)
