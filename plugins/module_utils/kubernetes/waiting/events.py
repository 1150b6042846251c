"""What the cluster's events say of an object: what could not be mounted, provisioned or made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pod_state import Trouble

JSON = Any

WARNINGS = "type=Warning"
REFUSED_PODS = "FailedCreate"
_SCALE_UPS = frozenset({"Nominated", "TriggeredScaleUp"})  # by Karpenter, by cluster-autoscaler

# Seconds until it is a failure: a certificate's Secret may be made a little later than the pod that mounts it,
# and a volume may only come free when its last node lets it go.
_OF_PODS = {
    "FailedMount": 30.0,
    "FailedAttachVolume": float("inf"),
    "FailedCreatePodSandBox": 60.0,
}
_OF_CLAIMS = {"ProvisioningFailed": 10.0}


@dataclass(frozen=True)
class Event:
    """One event. uid: of the object it is about. version: another one when it happened again. time: in RFC 3339."""

    uid: str
    reason: str
    message: str
    version: str
    time: str
    is_warning: bool

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


def event_of(body: Mapping[str, JSON]) -> Event:
    """An event as the API gives it."""
    metadata, series = body["metadata"], body.get("series") or {}
    time = series.get("lastObservedTime") or body.get("lastTimestamp") or body.get("eventTime")
    return Event(
        body["involvedObject"].get("uid", ""),
        body.get("reason") or "",
        (body.get("message") or "").strip(),
        metadata.get("resourceVersion", ""),
        str(time or metadata.get("creationTimestamp") or ""),
        body.get("type") == "Warning",
    )


def last(events: Iterable[Event]) -> Event | None:
    """The one that happened last."""
    return max(events, key=lambda event: event.time, default=None)


def events_about(cluster: Cluster, namespace: str, uid: str) -> list[Event]:
    """All events about one object, asked for. Raises ApiError."""
    query = {"fieldSelector": f"involvedObject.uid={uid}"}
    items = cluster.request("GET", f"/api/v1/namespaces/{namespace}/events", query=query)["items"]
    return [event_of(item) for item in items]


def is_scaling_up(events: Iterable[Event]) -> bool:
    """Whether a node is on its way for an unschedulable pod."""
    return any(event.reason in _SCALE_UPS for event in events)


def trouble_in(body: Mapping[str, JSON], events: Iterable[Event]) -> Trouble | None:
    """What keeps a pod that does not run yet, or a claim that is not bound, from it, by its events."""
    is_pod = body.get("kind", "Pod") == "Pod"  # in a list, pods do not say what they are
    if is_pod and (body.get("status") or {}).get("phase", "Pending") != "Pending":
        return None
    patience = _OF_PODS if is_pod else _OF_CLAIMS
    event = last(each for each in events if each.reason in patience)
    if event is None:
        return None
    pod = body["metadata"]["name"] if is_pod else ""
    return Trouble(pod, event.reason, event.message, patience[event.reason], version=event.version)
