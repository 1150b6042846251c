"""From a kind to its path on the API server: a table for the usual kinds, discovery for all others."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference


@dataclass(frozen=True)
class Resource:
    """How a kind is spelled in paths, and whether its objects live in namespaces."""

    api_version: str
    kind: str
    plural: str
    is_namespaced: bool

    def collection_path(self, namespace: str) -> str:
        """The path of all its objects in a namespace, or in the cluster where `namespace` is empty."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        inside = f"/namespaces/{namespace}" if self.is_namespaced and namespace else ""
        return f"{root}{inside}/{self.plural}"

    def path(self, reference: Reference) -> str:
        """The path of one object."""
        return f"{self.collection_path(reference.namespace)}/{reference.name}"


class UnknownKind(TrackingError):
    """The API server serves no such kind."""

    def __init__(self, api_version: str, kind: str) -> None:
        super().__init__(
            f"The cluster knows no kind {kind} in {api_version}",
            mend="Correct apiVersion and kind, or install the CustomResourceDefinition first",
            api_version=api_version,
            kind=kind,
        )


# Kinds that need no discovery request: they are the same on every cluster of the last years.
_NAMESPACED: Mapping[str, str] = {
    "v1": "ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod ReplicationController "
    "ResourceQuota Secret Service ServiceAccount",
    "apps/v1": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "networking.k8s.io/v1": "Ingress NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding",
}
_WHOLE_CLUSTER: Mapping[str, str] = {
    "v1": "Namespace Node PersistentVolume",
    "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration ValidatingAdmissionPolicy "
    "ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
    "networking.k8s.io/v1": "IngressClass",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "storage.k8s.io/v1": "CSIDriver StorageClass VolumeAttachment",
}
_IRREGULAR = {
    "Endpoints": "endpoints",
    "Ingress": "ingresses",
    "IngressClass": "ingressclasses",
    "NetworkPolicy": "networkpolicies",
    "PriorityClass": "priorityclasses",
    "StorageClass": "storageclasses",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
}


def _table() -> dict[tuple[str, str], Resource]:
    rows = {}
    for kinds_of, is_namespaced in ((_NAMESPACED, True), (_WHOLE_CLUSTER, False)):
        for api_version, kinds in kinds_of.items():
            for kind in kinds.split():
                plural = _IRREGULAR.get(kind, kind.lower() + "s")
                rows[api_version, kind] = Resource(api_version, kind, plural, is_namespaced)
    return rows


class Resources:
    """Every kind a cluster serves, asked for at most once for each version. Thread-safe."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._known = _table()
        self._asked: set[str] = set()
        self._new: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def find(self, api_version: str, kind: str) -> Resource:
        """The resource of a kind. Raises UnknownKind when the cluster does not serve it."""
        with self._lock:
            if (api_version, kind) not in self._known and api_version not in self._asked:
                self._asked.add(api_version)
                self._discover(api_version)
            try:
                return self._known[api_version, kind]
            except KeyError:
                raise UnknownKind(api_version, kind) from None

    def learn(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        """Takes in the kinds that CustomResourceDefinitions define, before the API server serves them."""
        for manifest in manifests:
            if manifest["kind"] != "CustomResourceDefinition":
                continue
            spec = manifest["spec"]
            for version in spec["versions"]:
                if not version.get("served", True):
                    continue
                api_version = f"{spec['group']}/{version['name']}"
                kind = spec["names"]["kind"]
                self._new.add((api_version, kind))
                self._known[api_version, kind] = Resource(
                    api_version, kind, spec["names"]["plural"], spec["scope"] == "Namespaced"
                )

    def is_new(self, reference: Reference) -> bool:
        """Whether this kind was learned from a CustomResourceDefinition, so that it may not be served yet."""
        return (reference.api_version, reference.kind) in self._new

    def _discover(self, api_version: str) -> None:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            served = self._cluster.request("GET", root)
        except ApiError as error:
            if error.status == 404:
                return
            raise
        for each in served.get("resources", []):
            if "/" not in each["name"]:
                self._known.setdefault(
                    (api_version, each["kind"]),
                    Resource(api_version, each["kind"], each["name"], bool(each["namespaced"])),
                )
