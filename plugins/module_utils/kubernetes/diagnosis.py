"""Why a workload is not ready: the pod that fails, with its last log lines, or why there is no pod at all."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.pod_secrets import secrets_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.pod_state import Trouble, trouble_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.pods import current_pods

JSON = Any

LOG_LINES = 15
# A quota or a policy refuses a pod for good, but a ServiceAccount may be a moment late.
_PATIENCE_WITHOUT_PODS = 3.0


@dataclass
class Diagnosis:
    """Looks at workloads again and again while they are waited for, and remembers since when each trouble is."""

    cluster: Cluster
    mask: Mask
    _since: dict[tuple[str, str], float] = field(default_factory=dict)
    _restarts: dict[str, int] = field(default_factory=dict)  # of each pod when it was first looked at

    def failure(self, body: Mapping[str, JSON]) -> str:
        """Why it will not get ready by itself; empty while it still may."""
        pods = current_pods(self.cluster, body)
        for pod in pods:
            trouble = trouble_of(pod)
            restarts = _restarts(pod)
            is_new_crash = restarts > self._restarts.setdefault(pod["metadata"]["uid"], restarts)
            if trouble is None or (trouble.is_crash and body["kind"] == "Job"):
                continue  # a Job's own backoffLimit says how many crashes are too many
            lasted = self._lasted(pod["metadata"]["uid"], trouble.reason)
            if lasted >= trouble.patience or (trouble.is_crash and is_new_crash):
                return self._told(pod, trouble)
        if not pods:
            refused = self._refused(body)
            if refused and self._lasted(body["metadata"]["uid"], "no pods") >= _PATIENCE_WITHOUT_PODS:
                return f"its pods cannot be made: {refused}"
        return ""

    def story(self, body: Mapping[str, JSON]) -> str:
        """All that is known of a workload that failed or took too long; empty when nothing is."""
        with contextlib.suppress(TrackingError):
            for pod in sorted(current_pods(self.cluster, body), key=_youngest_first):
                trouble = trouble_of(pod)
                if trouble is not None:
                    return self._told(pod, trouble)
            return self.mask.text(self._refused(body))
        return ""

    def log(self, pod: Mapping[str, JSON], container: str, *, lines: int, previous: bool = False) -> str:
        """The last lines of a container's log, without the secrets the pod was given; empty when there is none."""
        metadata = pod["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/log"
        self._learn_secrets(pod)
        query: dict[str, Any] = {"tailLines": lines, "container": container}
        if previous:
            query["previous"] = "true"
        with contextlib.suppress(TrackingError):
            text = self.cluster.request("GET", path, query=query)
            return self.mask.text(str(text)).rstrip()
        return ""

    def _learn_secrets(self, pod: Mapping[str, JSON]) -> None:
        namespace = pod["metadata"]["namespace"]
        for name in secrets_of(pod):
            with contextlib.suppress(TrackingError):  # who may not read a Secret cannot be told it by a log either
                secret = self.cluster.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
                self.mask.learn([secret] if secret else [])

    def _lasted(self, uid: str, reason: str) -> float:
        now = time.monotonic()
        return now - self._since.setdefault((uid, reason), now)

    def _told(self, pod: Mapping[str, JSON], trouble: Trouble) -> str:
        text = self.mask.text(str(trouble))
        if trouble.container and (trouble.is_crash or trouble.reason == "Failed"):
            log = self.log(pod, trouble.container, lines=LOG_LINES, previous=trouble.is_crash)
            log = log or self.log(pod, trouble.container, lines=LOG_LINES)
            if log:
                text += f"; the last lines of its log:\n{log}"
        return text

    def _refused(self, body: Mapping[str, JSON]) -> str:
        """Why a controller cannot make pods (quota, pod security, missing ServiceAccount), from its events."""
        for each in (body.get("status") or {}).get("conditions") or []:
            if each["type"] == "ReplicaFailure" and each["status"] == "True":
                return self.mask.text(str(each.get("message", "")))
        metadata = body["metadata"]
        events = self.cluster.request(
            "GET",
            f"/api/v1/namespaces/{metadata['namespace']}/events",
            query={"fieldSelector": f"involvedObject.uid={metadata['uid']},reason=FailedCreate"},
        )["items"]
        return self.mask.text(str(events[-1].get("message", ""))) if events else ""


def _restarts(pod: Mapping[str, JSON]) -> int:
    status = pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    return sum(container.get("restartCount", 0) for container in containers)


def _youngest_first(pod: Mapping[str, JSON]) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in str(pod["metadata"].get("creationTimestamp", "")))
