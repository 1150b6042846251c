"""Why an object will not get ready by itself, told as soon as that is sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.conditions import (
    condition,
    is_observed,
    is_true,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.container_log import ContainerLog
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.events import (
    REFUSED_PODS,
    events_about,
    is_scaling_up,
    last,
    trouble_in,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pod_state import (
    UNSCHEDULABLE,
    Trouble,
    in_the_way,
    restarts_of,
    trouble_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import newest_replica_set
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.scene import Scene
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.trouble_memory import TroubleMemory

JSON = Any
Body = Mapping[str, JSON]

# A quota or a policy refuses a pod for good, but a ServiceAccount may be a moment late.
_PATIENCE_WITH_REFUSALS = 3.0
# One pod may be evicted by the needs of others; a second one shows that they will all be.
_ENDED_PODS_TO_FAIL = 2
# A pod of an older template may get ready after all: its image or its Secret has come.
_PATIENCE_WITH_OLD_PODS = 30.0


class Diagnosis:
    """Looks at objects again and again while they are waited for."""

    def __init__(self, cluster: Cluster, mask: Mask, scene: Scene) -> None:
        self._cluster = cluster
        self._mask = mask
        self._scene = scene
        self._log = ContainerLog(cluster, mask)
        self._memory = TroubleMemory()
        self._restarts: dict[str, int] = {}  # of each pod when it was first looked at
        self._ended: dict[str, set[str]] = {}  # pods that ended while they were watched, by their workload's uid
        self._had_ended: set[str] = set()
        self._newest: dict[tuple[str, str], str] = {}

    def begin(self, bodies: Sequence[Body]) -> None:
        """Takes down what is wrong with these objects now."""
        for event in self._scene.all_warnings():
            self._memory.was_there(event.uid, event.reason, event.version)
        for body in bodies:
            if is_true(body, "ReplicaFailure"):
                self._memory.was_there(body["metadata"]["uid"], REFUSED_PODS)
            for pod in [*self._scene.pods(body), *self._scene.pods_in_the_way(body)]:
                uid, trouble = pod["metadata"]["uid"], trouble_of(pod)
                self._restarts[uid] = restarts_of(pod)
                if trouble is not None:
                    self._memory.was_there(uid, trouble.reason)
                    self._had_ended |= {uid} if trouble.is_end else set()

    def failure(self, body: Body) -> str:
        """Why it will not get ready by itself; empty while it still may. Raises ApiError, Unreachable."""
        if body["kind"] == "Deployment" and not is_observed(body):
            return ""  # the pods there are belong to an older template
        if body["kind"] == "PersistentVolumeClaim":
            uid = body["metadata"]["uid"]
            trouble = trouble_in(body, self._scene.warnings(uid))
            return self._mask.text(str(trouble)) if trouble and self._memory.is_lasting(uid, trouble) else ""
        pods = self._scene.pods(body)
        for pod in pods:
            trouble = trouble_of(pod) or trouble_in(
                {"kind": "Pod", **pod}, self._scene.warnings(pod["metadata"]["uid"])
            )
            if trouble is not None and self._is_final(body, pod, trouble) and self._is_of_newest(body, pod):
                return self._log.told(pod, trouble)
        refused = self._refused(body, pods)
        if refused:
            return f"its pods cannot be made: {self._mask.text(refused)}"
        return self._in_the_way(body)

    def _in_the_way(self, body: Body) -> str:
        if not is_observed(body):
            return ""
        for pod in self._scene.pods_in_the_way(body):
            trouble = trouble_of(pod)
            if trouble is not None and self._memory.is_lasting(
                pod["metadata"]["uid"], replace(trouble, patience=_PATIENCE_WITH_OLD_PODS)
            ):
                return self._mask.text(in_the_way(pod, str(trouble)))
        return ""

    def _is_final(self, body: Body, pod: Body, trouble: Trouble) -> bool:
        uid = pod["metadata"]["uid"]
        if trouble.is_end and body["kind"] not in ("Job", "Pod"):
            ended = self._ended.setdefault(body["metadata"]["uid"], set())
            ended |= {uid} - self._had_ended
            return len(ended) >= (1 if trouble.is_own_fault else _ENDED_PODS_TO_FAIL)
        if trouble.is_crash:
            if body["kind"] == "Job":
                return False  # its own backoffLimit says how many crashes are too many
            restarts = restarts_of(pod)
            return restarts > self._restarts.setdefault(uid, restarts) or self._memory.is_lasting(uid, trouble)
        if not self._memory.is_lasting(uid, trouble):
            return False
        if not self._is_still_so(pod, trouble):
            self._memory.doubt(uid, trouble.reason)
            return False
        return True

    def _is_still_so(self, pod: Body, trouble: Trouble) -> bool:
        """Asks for what warnings do not tell: a node that is on its way, a volume that was mounted after all."""
        if not trouble.version and trouble.reason != UNSCHEDULABLE:
            return True
        try:
            events = events_about(self._cluster, pod["metadata"]["namespace"], pod["metadata"]["uid"])
        except ApiError:
            return True
        if trouble.reason == UNSCHEDULABLE:
            return not is_scaling_up(events)
        latest = last(events)
        return latest is None or latest.reason == trouble.reason

    def _is_of_newest(self, body: Body, pod: Body) -> bool:
        owners = {owner["uid"] for owner in pod["metadata"].get("ownerReferences") or []}
        return body["kind"] != "Deployment" or self._newest_replica_set(body) in owners

    def _newest_replica_set(self, deployment: Body) -> str:
        key = deployment["metadata"]["uid"], str(deployment["metadata"]["generation"])
        if key not in self._newest:
            newest = newest_replica_set(self._cluster, deployment)
            if newest is None:
                return ""
            self._newest[key] = newest["metadata"]["uid"]
        return self._newest[key]

    def _refused(self, body: Body, pods: Sequence[Body]) -> str:
        """Why its controller cannot make pods (quota, pod security, missing ServiceAccount)."""
        uid, failing = body["metadata"]["uid"], condition(body, "ReplicaFailure")
        is_failing = failing is not None and failing["status"] == "True"
        if body["kind"] == "Deployment":
            if not is_failing:
                return ""
            uid = self._newest_replica_set(body)
        event = last(each for each in self._scene.warnings(uid) if each.reason == REFUSED_PODS)
        if event is not None:
            youngest = max((str(pod["metadata"].get("creationTimestamp")) for pod in pods), default="")
            trouble = Trouble("", REFUSED_PODS, event.message, _PATIENCE_WITH_REFUSALS, version=event.version)
            return event.message if event.time > youngest and self._memory.is_lasting(uid, trouble) else ""
        if failing is None or not is_failing:
            return ""
        trouble = Trouble("", REFUSED_PODS, str(failing.get("message", "")), _PATIENCE_WITH_REFUSALS)
        return trouble.message if self._memory.is_lasting(body["metadata"]["uid"], trouble) else ""
