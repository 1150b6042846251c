"""What can be told by asking the API server: permissions, storage classes, NodePorts. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    find_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.claims import find_claim
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
REVIEW_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True)
class Access:
    """One verb on one resource (`deployments.apps`, or `secrets` in the core group); namespace "" is cluster-wide."""

    verb: str
    resource: str
    namespace: str

    def review(self) -> dict[str, Any]:
        """The SelfSubjectAccessReview that asks for it."""
        resource, _, group = self.resource.partition(".")
        attributes = {"verb": self.verb, "resource": resource, "group": group, "namespace": self.namespace}
        return {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }


def wanted_access(permissions: Iterable[Mapping[str, Any]]) -> list[Access]:
    """Every access that a role's `permissions` (namespace, resources, verbs) comes to, once each, in order."""
    every = [
        Access(verb, resource, str(permission.get("namespace") or ""))
        for permission in permissions
        for resource in permission["resources"]
        for verb in permission.get("verbs") or ["get", "create", "patch"]
    ]
    return list(dict.fromkeys(every))


def missing_permissions(cluster: Cluster, permissions: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """One finding a namespace, naming all verbs and resources that RBAC does not allow there."""
    wanted = wanted_access(permissions)
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda access: cluster.request("POST", REVIEW_PATH, body=access.review()), wanted))
    refused: dict[str, dict[str, list[str]]] = {}
    for access, answer in zip(wanted, answers, strict=True):
        if not answer["status"].get("allowed"):
            refused.setdefault(access.namespace, {}).setdefault(access.resource, []).append(access.verb)
    return [_refusal(namespace, resources) for namespace, resources in sorted(refused.items())]


def _refusal(namespace: str, resources: Mapping[str, list[str]]) -> Finding:
    what = ", ".join(f"{'/'.join(verbs)} {resource}" for resource, verbs in resources.items())
    where = f"in namespace {namespace}" if namespace else "cluster-wide"
    mend = "Grant that by a Role or ClusterRole, or use a context whose user may"
    return Finding("Variable kubernetes_context", f"its user may not {what} {where}", mend)


def missing_storage_classes(cluster: Cluster, wanted: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """`wanted`: variable, name ("" asks for the cluster's default), namespace and claim that would use it."""
    needed = [want for want in wanted if not _claim_exists(cluster, want)]
    if not needed:
        return []
    classes = cluster.request("GET", "/apis/storage.k8s.io/v1/storageclasses")["items"]
    names = [item["metadata"]["name"] for item in classes]
    defaults = [c for c in classes if (c["metadata"].get("annotations") or {}).get(DEFAULT_CLASS) == "true"]
    found = []
    for want in needed:
        variable, name = str(want["variable"]), str(want.get("name") or "")
        listed = f"the cluster has: {', '.join(names)}" if names else "the cluster has none"
        if name and name not in names:
            found.append(
                Finding(
                    f"Variable {variable}",
                    f"there is no StorageClass {name}; {listed}",
                    f"Set {variable} to one of them",
                )
            )
        if not name and not defaults:
            why = f"it is empty and the cluster has no default StorageClass; {listed}"
            found.append(Finding(f"Variable {variable}", why, f"Set {variable}, or mark a class as the default"))
    return found


def _claim_exists(cluster: Cluster, want: Mapping[str, Any]) -> bool:
    claim = want.get("claim")
    return bool(claim) and find_claim(cluster, str(want.get("namespace")), str(claim)) is not None


def taken_node_ports(cluster: Cluster, wanted: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """`wanted`: variable, port, namespace and service that would hold it. Another Service's port is taken."""
    wishes = [want for want in wanted if int(want["port"])]
    if not wishes:
        return []
    holders: dict[int, str] = {}
    for service in cluster.request("GET", "/api/v1/services")["items"]:
        name = f"{service['metadata']['namespace']}/{service['metadata']['name']}"
        for port in service["spec"].get("ports") or []:
            if port.get("nodePort"):
                holders[port["nodePort"]] = name
    found = []
    for want in wishes:
        variable, port = str(want["variable"]), int(want["port"])
        holder = holders.get(port)
        if holder and holder != f"{want['namespace']}/{want['service']}":
            why = f"NodePort {port} is in use by Service {holder}"
            found.append(Finding(f"Variable {variable}", why, f"Set {variable} to a free port, or remove that Service"))
    return found


def lost_secrets(cluster: Cluster, wanted: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """`wanted`: claim and secret (namespace/name each), variable that says yes. Data without its password stops us.

    A password that is made anew beside data that outlived it would be a silent rotation.
    """
    found = []
    for want in wanted:
        claim_namespace, claim = str(want["claim"]).split("/")
        secret_namespace, secret = str(want["secret"]).split("/")
        held = find_claim(cluster, claim_namespace, claim) is not None
        if held and find_secret(cluster, SecretReference(secret_namespace, secret)) is None:
            why = f"Secret {want['secret']} is gone while its data on PersistentVolumeClaim {want['claim']} is there"
            mend = f"Restore the Secret, or set {want['variable']}=true to have new credentials made"
            found.append(Finding(f"Variable {want['variable']}", why, mend))
    return found
