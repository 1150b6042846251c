"""The scheduled check, started when a test wants it; what it kept, and what Prometheus has of it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from checks import Finding
from monitoring_servers import prometheus, wait_until

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any
Kubectl = Any

NAMESPACE = "monitoring"
ACCOUNT = "system:serviceaccount:monitoring:tracking-drift"


@dataclass(frozen=True)
class Scheduled:
    """One run. kept: the reports that lie in the cluster now, the newest last. log: of its pod."""

    is_complete: bool
    kept: list[JSON]
    log: str

    @property
    def report(self) -> JSON:
        return self.kept[-1]

    @property
    def findings(self) -> set[Finding]:
        return {(each["object"], each["state"], each["path"], each["manager"]) for each in self.report["findings"]}


def run_scheduled(kubectl: Kubectl) -> Scheduled:
    """One run, from its start to its end."""
    return ended(kubectl, start_scheduled(kubectl))


def start_scheduled(kubectl: Kubectl) -> str:
    """Makes a Job of the CronJob; its name."""
    name = f"by-hand-{secrets.token_hex(4)}"
    kubectl("create", "job", name, "--from=cronjob/tracking-drift", "-n", NAMESPACE)
    return name


def ended(kubectl: Kubectl, job: str) -> Scheduled:
    """What a Job told, once it has ended."""
    end = wait_until(f"job {job} ends", lambda: _end(kubectl, job), 240)
    log = kubectl("logs", f"job/{job}", "-n", NAMESPACE)
    data = json.loads(kubectl("get", "configmap", "tracking-drift-reports", "-n", NAMESPACE, "-o", "json"))["data"]
    return Scheduled(end == "Complete", [json.loads(data[key]) for key in sorted(data)], log)


def _end(kubectl: Kubectl, job: str) -> str:
    """Complete or Failed; empty while it runs."""
    status = json.loads(kubectl("get", "job", job, "-n", NAMESPACE, "-o", "json"))["status"]
    ends = [each["type"] for each in status.get("conditions") or [] if each["type"] in ("Complete", "Failed")]
    return ends[0] if ends else ""


def metric(cluster: Cluster, query: str) -> dict[str, float]:
    """The samples of a query by the label `state`, as the real Prometheus has them."""
    with prometheus(cluster) as transport:
        found = transport.get("/api/v1/query", {"query": query})["data"]["result"]
    return {each["metric"].get("state", ""): float(each["value"][1]) for each in found}
