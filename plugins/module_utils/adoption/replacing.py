"""Ending the old server, once everything of it is elsewhere: its Service, its Deployment, its pod."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.adoptee import Adoptee
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.gone import until_gone
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.leaving import is_leaving
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import has_applied
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.at_rest import until_at_rest
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any

_SECONDS_TO_LEAVE = 20.0


@dataclass(frozen=True)
class Replacing:
    """What goes. service: the name of the Service that clients use, which goes only where it is not ours."""

    cluster: Cluster
    adoptee: Adoptee
    service: str
    field_manager: str
    progress: Progress

    def references(self) -> list[Reference]:
        """What of it is there and not ours: the Deployment, and maybe a Service."""
        found = [self.deployment]
        live = self.cluster.get(self._service_path)
        if live is not None and not has_applied(live, self.field_manager):
            found.append(Reference("v1", "Service", self.adoptee.namespace, self.service))
        return found

    def carry_out(self, seconds: float) -> None:
        """Ends it. The Deployment and its ReplicaSets are marked first, so that none of them makes another pod."""
        resources = Resources(self.cluster)
        if len(self.references()) > 1:
            self._delete(self._service_path, "Background")
        self._delete(self._deployment_path, "Foreground", self.adoptee.deployment["metadata"]["uid"])
        self._hasten()
        deadline = time.monotonic() + seconds
        left = until_at_rest(self.cluster, resources, {self.deployment: self.adoptee.selector}, deadline, self.progress)
        bodies: dict[Reference, Mapping[str, JSON]] = {self.deployment: self.adoptee.deployment}
        if left or until_gone(self.cluster, resources, bodies, 1, deadline, self.progress):
            raise TrackingError(
                f"{self.deployment} does not go away",
                why=f"it is still there after {seconds:.0f} s; all that it held is on the claim already",
                mend="See with kubectl describe what keeps it, and run the same again",
            )

    @property
    def deployment(self) -> Reference:
        metadata = self.adoptee.deployment["metadata"]
        return Reference("apps/v1", "Deployment", metadata["namespace"], metadata["name"])

    def _hasten(self) -> None:
        """A server that takes no writes any more need not have its time to end. Its pod must be marked already."""
        path = f"/api/v1/namespaces/{self.adoptee.namespace}/pods/{self.adoptee.pod_name}"
        deadline = time.monotonic() + _SECONDS_TO_LEAVE
        while time.monotonic() < deadline:
            pod = self.cluster.get(path)
            if pod is None:
                return
            if is_leaving(pod):
                self._delete(path, "Background", pod["metadata"]["uid"], gracePeriodSeconds=1)
                return
            time.sleep(0.1)

    def _delete(self, path: str, policy: str, uid: str = "", **options: JSON) -> None:
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy, **options}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            self.cluster.request("DELETE", path, body=body)
        except ApiError as error:
            if error.status != 404:
                raise

    @property
    def _deployment_path(self) -> str:
        return f"/apis/apps/v1/namespaces/{self.adoptee.namespace}/deployments/{self.deployment.name}"

    @property
    def _service_path(self) -> str:
        return f"/api/v1/namespaces/{self.adoptee.namespace}/services/{self.service}"
