"""All looks, one after the other, so that everything is said at once. The order is from cheap to costly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.preflight import cluster as looks
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.backends import impossible_backends
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.claims import unchangeable_claims
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding, report
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.image import lacking_packages
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.storage import refused_credentials, refused_names


@dataclass
class Seen:
    """What was found, and what could not be looked at."""

    findings: list[Finding] = field(default_factory=list)
    not_looked_at: list[str] = field(default_factory=list)
    looked_at: int = 0

    def report(self) -> str:
        """Every finding as one message."""
        return report(self.findings)

    def as_result(self) -> list[dict[str, str]]:
        """The return value `findings`."""
        return [finding.as_result() for finding in sorted(set(self.findings))]

    def summary(self) -> str:
        """One line for the closing summary."""
        rest = f"; not looked at: {', '.join(self.not_looked_at)}" if self.not_looked_at else ""
        return f"nothing stands in the way ({self.looked_at} looks){rest}"


def look(parameters: Mapping[str, Any], *, check_mode: bool) -> Seen:
    """Looks at everything asked for. A cluster that cannot be reached is a finding, not an exception."""
    seen = Seen(findings=[Finding(**finding) for finding in parameters["findings"]])
    seen.findings += refused_names(parameters["buckets"])
    try:
        with Cluster.from_parameters(parameters) as cluster:
            cluster.request("GET", "/version")
            cluster.mask.learn_values(want["secret_key"] for want in parameters["s3"] if want.get("secret_key"))
            _look_at_cluster(cluster, parameters, seen, check_mode)
            seen.findings = [finding.masked(cluster.mask.text) for finding in seen.findings]
    except TrackingError as error:
        seen.findings.append(_unreachable(error))
    return seen


def _unreachable(error: TrackingError) -> Finding:
    mend = error.mend or "Set kubernetes_kubeconfig and kubernetes_context to a cluster that answers"
    if "variable" in error.data:
        return Finding(f"Variable {error.data['variable']}", error.why, mend)
    return Finding(f"The cluster ({error.where})" if error.where else "The cluster", f"{error.what}: {error.why}", mend)


def _look_at_cluster(cluster: Cluster, parameters: Mapping[str, Any], seen: Seen, check_mode: bool) -> None:
    # Looking into an image makes a pod: not while only a prediction is wanted.
    seconds = 0.0 if check_mode else float(parameters["image_timeout"])
    parameters = {**parameters, "backends": [{**want, "image_timeout": seconds} for want in parameters["backends"]]}
    for name, function in (
        ("permissions", looks.missing_permissions),
        ("backends", impossible_backends),
        ("storage_classes", looks.missing_storage_classes),
        ("storage_classes", unchangeable_claims),
        ("node_ports", looks.taken_node_ports),
        ("secrets", looks.lost_secrets),
        ("s3", refused_credentials),
    ):
        try:
            seen.findings += function(cluster, parameters[name])
        except ApiError as error:
            if error.status != 403:
                raise
            # Listing Services or StorageClasses is more than a user of some namespaces may; roles need it not.
            seen.not_looked_at.append(f"{name.replace('_', ' ')}, as this user may not ({error.where})")
            continue
        seen.looked_at += len(parameters[name])
    for want in parameters["images"]:
        # Looking makes a pod: not while only a prediction is wanted, nor where the run will stop anyway.
        if check_mode or seen.findings:
            seen.not_looked_at.append(f"the packages in image {want['image']}")
            continue
        seen.looked_at += 1
        seen.findings += lacking_packages(cluster, want, float(parameters["image_timeout"]))
