"""Whether an image holds what a role needs of it: a short-lived pod on that image looks."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding

LOOK = (
    "import importlib.util,sys;"
    "print('lacking:'+','.join(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))"
)
REVISIONS = """\
import importlib.util, pathlib, re
folder = pathlib.Path(importlib.util.find_spec("mlflow").origin).parent / "store/db_migrations/versions"
named = [re.search(r"^revision(?:: str)? = .(\\w+)", each.read_text(), re.M) for each in folder.glob("*.py")]
print("revisions:" + ",".join(each[1] for each in named if each))
"""
PULL_FAILURES = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}


def lacking_packages(cluster: Cluster, want: Mapping[str, Any], timeout: float) -> list[Finding]:
    """`want`: variable, image, python (import names), namespace and deployment that may run it already."""
    if _runs_already(cluster, want):
        return []
    variable, image = str(want["variable"]), str(want["image"])
    try:
        said = said_on_image(cluster, image, [LOOK, *want["python"]], timeout, str(want.get("look_in") or "default"))
    except TrackingError as error:
        mend = f"Set {variable} to an image that the nodes can pull and that has Python"
        return [Finding(f"Variable {variable}", error.why, mend)]
    lacking = said.partition("lacking:")[2].strip()
    if not lacking:
        return []
    return [
        Finding(
            f"Variable {variable}",
            f"image {image} lacks the Python package(s) {lacking}",
            f"Set {variable} to an image that has them",
        )
    ]


def unknown_revision(cluster: Cluster, image: str, revision: str, subject: str, timeout: float) -> list[Finding]:
    """A database of MLflow's that is newer than the MLflow of this image. subject: whose database it is."""
    try:
        said = said_on_image(cluster, image, [REVISIONS], timeout)
    except TrackingError as error:
        return [Finding("Variable mlflow_image", error.why, "Set mlflow_image to an image that the nodes can pull")]
    if revision in said.partition("revisions:")[2].strip().split(","):
        return []
    why = f"its MLflow does not know revision {revision}, at which the database of {subject} is: it is a newer MLflow's"
    return [Finding("Variable mlflow_image", why, "Set mlflow_image to that MLflow or a newer one")]


def said_on_image(cluster: Cluster, image: str, program: list[str], timeout: float, namespace: str = "default") -> str:
    """What a Python program with its arguments prints on an image. Raises TrackingError whose `why` is for people."""
    name = f"preflight-{uuid.uuid4().hex[:10]}"
    pods = f"/api/v1/namespaces/{namespace}/pods"
    cluster.request("POST", pods, body=_pod(name, image, program))
    try:
        return _wait(cluster, pods, name, timeout)
    except TrackingError as error:
        raise TrackingError(error.what, why=f"a pod on image {image} did not run: {error.why}") from None
    finally:
        cluster.request("DELETE", f"{pods}/{name}", query={"gracePeriodSeconds": 0})


def _runs_already(cluster: Cluster, want: Mapping[str, Any]) -> bool:
    path = f"/apis/apps/v1/namespaces/{want['namespace']}/deployments/{want['deployment']}"
    deployment = cluster.get(path)
    if deployment is None:
        return False
    available = deployment.get("status", {}).get("availableReplicas", 0)
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return bool(available) and any(container["image"] == want["image"] for container in containers)


def _pod(name: str, image: str, program: list[str]) -> dict[str, Any]:
    container = {
        "name": "look",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-c", *program],
        "resources": {"limits": {"memory": "256Mi"}, "requests": {"memory": "64Mi", "cpu": "50m"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/managed-by": "mlops.tracking"}},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "activeDeadlineSeconds": 600,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
        },
    }


def _wait(cluster: Cluster, pods: str, name: str, timeout: float) -> str:
    """The pod's log once it has ended; a TrackingError whose `why` is the cause where it cannot run."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        status = (cluster.get(f"{pods}/{name}") or {}).get("status", {})
        if status.get("phase") == "Succeeded":
            return str(cluster.request("GET", f"{pods}/{name}/log", is_text=True))
        statuses = status.get("containerStatuses") or [{}]
        waiting = statuses[0].get("state", {}).get("waiting", {})
        if waiting.get("reason") in PULL_FAILURES:
            raise TrackingError("image not pulled", why=waiting.get("message") or waiting["reason"])
        if status.get("phase") == "Failed":
            ended = statuses[0].get("state", {}).get("terminated", {})
            raise TrackingError("pod failed", why=f"{ended.get('reason')} {ended.get('message', '')}".strip())
        time.sleep(0.2)
    raise TrackingError("pod did not end", why=f"it had not ended after {timeout:.0f} s")
