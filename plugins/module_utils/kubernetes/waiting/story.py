"""All that can be found out about an object that failed or took too long: asked for once, at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.container_log import ContainerLog
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.events import (
    events_about,
    last,
    trouble_in,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pod_state import (
    in_the_way,
    is_ready,
    state_of,
    trouble_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import (
    WORKLOADS,
    current_pods,
    newest_replica_set,
    pods_in_the_way,
)

JSON = Any


@dataclass(frozen=True)
class Storyteller:
    """Tells of objects of one cluster, without their secrets."""

    cluster: Cluster
    mask: Mask

    def story(self, body: Mapping[str, JSON]) -> str:
        """The youngest pod in trouble with its log, or the last event that tells; empty when nothing does."""
        with contextlib.suppress(TrackingError):
            if body["kind"] in WORKLOADS:
                return self._of_workload(body)
            return self.mask.text(self._last_event(body))
        return ""

    def _of_workload(self, body: Mapping[str, JSON]) -> str:
        log = ContainerLog(self.cluster, self.mask)
        pods = sorted(current_pods(self.cluster, body), key=_age)
        for pod in reversed(pods):
            trouble = trouble_of(pod)
            if trouble is not None:
                return log.told(pod, trouble)
        for pod in reversed(pods):
            if not is_ready(pod):
                return self.mask.text(self._of_pod(pod))
        for pod in pods_in_the_way(self.cluster, body) if not pods else ():
            if not is_ready(pod):
                return self.mask.text(in_the_way(pod, self._of_pod(pod)))
        owner = body if body["kind"] != "Deployment" else newest_replica_set(self.cluster, body)
        return self.mask.text(self._last_event(owner)) if owner is not None and not pods else ""

    def _of_pod(self, pod: Mapping[str, JSON]) -> str:
        metadata = pod["metadata"]
        events = events_about(self.cluster, metadata["namespace"], metadata["uid"])
        trouble = trouble_in(pod, events)
        if trouble is not None:
            return str(trouble)
        event = last(each for each in events if each.is_warning)
        return f"pod {metadata['name']}: {event or state_of(pod)}"

    def _last_event(self, body: Mapping[str, JSON]) -> str:
        metadata = body["metadata"]
        events = events_about(self.cluster, metadata.get("namespace") or "default", metadata["uid"])
        # Why a claim is not bound is no warning, only news.
        event = last(each for each in events if each.is_warning or body["kind"] == "PersistentVolumeClaim")
        return str(event) if event is not None else ""


def _age(pod: Mapping[str, JSON]) -> str:
    return str(pod["metadata"].get("creationTimestamp", ""))
