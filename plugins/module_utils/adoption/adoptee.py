"""The server that somebody else made: its one pod, the container it runs in, and what its files lie on."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.leaving import is_leaving
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import (
    has_ended,
    pod_selector,
    workloads_of,
)

JSON = Any


@dataclass(frozen=True)
class Home:
    """What a path of a container lies on. kind: claim, emptyDir, another kind of volume, or `container`.

    name: of the claim; path: below the root of the volume.
    """

    kind: str
    name: str
    path: str

    def __str__(self) -> str:
        if self.kind == "container":
            return "in its container, on no volume"
        return f"on claim {self.name}" if self.kind == "claim" else f"on its pod's {self.kind}"


@dataclass(frozen=True)
class Adoptee:
    """A Deployment that is not ours, as it is now, and its pod."""

    deployment: Mapping[str, JSON]
    pod: Mapping[str, JSON]

    @property
    def namespace(self) -> str:
        return str(self.pod["metadata"]["namespace"])

    @property
    def pod_name(self) -> str:
        return str(self.pod["metadata"]["name"])

    @property
    def node(self) -> str:
        return str(self.pod["spec"].get("nodeName", ""))

    @property
    def grace(self) -> float:
        """Seconds that the pod may take to end."""
        return float(self.pod["spec"].get("terminationGracePeriodSeconds") or 30)

    @property
    def selector(self) -> str:
        return pod_selector(self.deployment)

    def containers(self) -> list[str]:
        """Those that run, the likeliest first."""
        running = {
            each["name"]
            for each in self.pod["status"].get("containerStatuses") or []
            if "running" in (each.get("state") or {})
        }
        every = [each for each in self.pod["spec"]["containers"] if each["name"] in running]
        return [each["name"] for each in sorted(every, key=lambda each: not _speaks_of_mlflow(each))]

    def home_of(self, container: str, path: str) -> Home:
        """What `path` of that container lies on."""
        return home_of(self.pod["spec"], container, path)

    def origin_of(self, home: Home, container: str) -> str:
        """A name that no other database has: that of what its file would end with."""
        if home.kind == "claim":
            return f"claim {self.namespace}/{home.name}, {home.path}"
        uid = self.pod["metadata"]["uid"]
        if home.kind == "container":
            uid += ", " + "".join(
                str(each.get("containerID", ""))
                for each in self.pod["status"].get("containerStatuses") or []
                if each["name"] == container
            )
        return f"pod {uid}, {home.kind}, {home.path}"


def find_adoptee(cluster: Cluster, namespace: str, name: str) -> Adoptee:
    """The Deployment and its only running pod. Raises TrackingError, whose `why` and `mend` are for people."""
    deployment = cluster.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
    called = f"Deployment {namespace}/{name}"
    if deployment is None:
        raise TrackingError(f"{called} cannot be adopted", why="it is not there any more", mend="Run the same again")
    query = {"labelSelector": pod_selector(deployment)}
    every = cluster.request("GET", f"/api/v1/namespaces/{namespace}/pods", query=query)["items"]
    # Those of an older template and those that are ending too: each may be the one that has the runs.
    pods = [pod for pod in every if f"{namespace}/{name}" in workloads_of(pod) and not has_ended(pod)]
    running = [pod for pod in pods if _runs(pod)]
    if not running:
        raise TrackingError(
            f"{called} cannot be adopted",
            why="somebody else made it, and no pod of it runs that its runs could be copied from",
            mend=f"Bring it up (kubectl -n {namespace} describe deployment {name} says what keeps it), "
            "or delete it if its runs are of no worth",
        )
    if len(pods) > 1:
        raise TrackingError(
            f"{called} cannot be adopted",
            why=f"somebody else made it, and it has {len(pods)} pods, each of which may have a database of its own",
            mend="Scale it to 1 once you know that the pod that stays has all runs",
        )
    return Adoptee(deployment, running[0])


def home_of(pod: Mapping[str, JSON], container: str, path: str) -> Home:
    """What `path` in a container of a pod's spec lies on."""
    (spec,) = [each for each in pod["containers"] if each["name"] == container]
    mounts = [each for each in spec.get("volumeMounts") or [] if _is_below(path, each["mountPath"])]
    if not mounts:
        return Home("container", "", path)
    mount = max(mounts, key=lambda each: len(each["mountPath"].rstrip("/")))
    (volume,) = [each for each in pod["volumes"] if each["name"] == mount["name"]]
    within = posixpath.join(mount.get("subPath") or "", posixpath.relpath(path, mount["mountPath"]))
    if "persistentVolumeClaim" in volume:
        return Home("claim", volume["persistentVolumeClaim"]["claimName"], within)
    kind = next((key for key in volume if key != "name"), "emptyDir")
    return Home(kind, "", within)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _runs(pod: Mapping[str, JSON]) -> bool:
    return not is_leaving(pod) and (pod.get("status") or {}).get("phase") == "Running"


def _speaks_of_mlflow(container: Mapping[str, JSON]) -> bool:
    words: Sequence[str] = [
        str(container.get("image", "")),
        *(container.get("command") or []),
        *(container.get("args") or []),
        container["name"],
    ]
    return any("mlflow" in str(word) for word in words)
