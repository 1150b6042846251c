"""Small workloads of the engine's own tests: what they run is Python in the image that MLflow has here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from user_job import image_of_mlflow

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import (
    SetOptions,
    plan_present,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.job_plan import JobOptions, plan_job
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any

SERVE = "import http.server; http.server.test(http.server.SimpleHTTPRequestHandler, port=8080, bind='0.0.0.0')"
SECONDS = 90


def image_of_workloads(cluster: Cluster) -> str:
    """WORKLOAD_IMAGE, where a cluster has no MLflow yet; else MLflow's, which every node has."""
    return os.environ.get("WORKLOAD_IMAGE") or image_of_mlflow(cluster)


def namespace(name: str) -> JSON:
    """A namespace for them, where pods may run as any user."""
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def pod_template(image: str, program: str, **container: JSON) -> JSON:
    """A pod that runs a Python program, and ends at once when it is told to."""
    return {
        "metadata": {"labels": {"app": "workload"}},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "containers": [
                {
                    "name": "python",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["python3", "-c", program],
                    **container,
                }
            ],
        },
    }


def deployment(namespace: str, image: str, program: str = SERVE, **container: JSON) -> JSON:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "workload", "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "workload"}},
            "template": pod_template(image, program, **container),
        },
    }


def job(namespace: str, image: str, program: str, **container: JSON) -> JSON:
    template = pod_template(image, program, **container)
    template["spec"]["restartPolicy"] = "Never"
    template["metadata"]["labels"] = {"app": "job"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "job", "namespace": namespace},
        "spec": {"backoffLimit": 0, "template": template},
    }


def apply(cluster: Cluster, *objects: Mapping[str, JSON], seconds: float = SECONDS) -> list[JSON]:
    """What one call of module manifests returns as `objects`."""
    documents = json.dumps([{"source": "Definition", "object": each} for each in objects])
    options = SetOptions(Applying(), threads=4, wait_seconds=seconds, check=False, diff=False)
    planned = plan_present(cluster, documents, options)
    rows: list[JSON] = [row.as_json() for row in (planned.carry_out() if planned.is_change else planned.outcome).rows]
    return rows


def failure(cluster: Cluster, *objects: Mapping[str, JSON], seconds: float = SECONDS) -> str:
    """The sentence one call of module manifests fails with."""
    try:
        rows = apply(cluster, *objects, seconds=seconds)
    except SetFailed as error:
        return str(error)
    raise AssertionError(f"it did not fail: {rows}")


def run_job(
    cluster: Cluster,
    manifest: JSON,
    run: str = "missing",
    quiesce: tuple[Reference, ...] = (),
    seconds: float = SECONDS,
) -> Mapping[str, JSON]:
    """What one call of module job returns."""
    options = JobOptions(Applying(), run=run, quiesce=quiesce, seconds=seconds, check=False, diff=False)
    planned = plan_job(cluster, json.dumps([{"source": "Definition", "object": manifest}]), options)
    return (planned.carry_out() if planned.is_change else planned.outcome).as_json()
