"""What is watched beside the objects that are waited for: their pods, the warnings, the endpoints of Services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resource, Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.endpoints import SERVICE_LABEL
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.events import WARNINGS, Event, event_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import (
    WORKLOADS,
    holds_up,
    may_belong,
    pod_selector,
    workloads_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.subject import Subject
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watches import Watching

JSON = Any
Body = Mapping[str, JSON]

DIAGNOSED = WORKLOADS | {"PersistentVolumeClaim"}
# Up to so many workloads or Services of a namespace are looked at by their labels, more by all there is.
_FEW = 4
_NOT_SUCCEEDED = "status.phase!=Succeeded"


class Scene:
    """Finds in the watches what surrounds an object. What may not be read is not there."""

    def __init__(self, watching: Watching, resources: Resources) -> None:
        self._watching = watching
        self._pods = resources.find("v1", "Pod")
        self._events = resources.find("v1", "Event")
        self._slices = resources.find("discovery.k8s.io/v1", "EndpointSlice")
        self._subjects: dict[Resource, set[Subject]] = {}
        self._pods_of: dict[str, list[JSON]] = {}
        self._warnings_of: dict[str, list[Event]] = {}
        self._slices_of: dict[tuple[str, str], list[JSON]] = {}

    def endpoints_of(self, services: Iterable[tuple[str, str]]) -> set[Subject]:
        """The subjects of the endpoints of these Services (namespace and name)."""
        by_namespace: dict[str, set[str]] = {}
        for namespace, name in services:
            by_namespace.setdefault(namespace, set()).add(f"{SERVICE_LABEL}={name}")
        return self._narrowed(self._slices, by_namespace)

    def around(self, bodies: Iterable[Body]) -> set[Subject]:
        """The subjects that tell why these objects are not ready."""
        selectors: dict[str, set[str]] = {}
        warnings = set()
        for body in bodies:
            namespace = body["metadata"].get("namespace", "")
            if body["kind"] in DIAGNOSED:
                warnings.add(Subject(self._events, namespace, fields=WARNINGS))
            if selector := pod_selector(body):
                selectors.setdefault(namespace, set()).add(selector)
        self._subjects.setdefault(self._events, set()).update(warnings)
        return warnings | self._narrowed(self._pods, selectors, _NOT_SUCCEEDED)

    def look(self, changed: Iterable[Subject] | None = None) -> bool:
        """Takes in what the watches know now, where something changed; true when it may tell of endpoints."""
        kinds = set(self._subjects) if changed is None else {subject.resource for subject in changed}
        if self._pods in kinds:
            self._pods_of = {}
            for pod in self._items(self._pods):
                for workload in workloads_of(pod):
                    self._pods_of.setdefault(workload, []).append(pod)
        if self._events in kinds:
            self._warnings_of = {}
            for item in self._items(self._events):
                event = event_of(item)
                self._warnings_of.setdefault(event.uid, []).append(event)
        if self._slices in kinds:
            self._slices_of = {}
            for each in self._items(self._slices):
                service = (each["metadata"].get("labels") or {}).get(SERVICE_LABEL, "")
                self._slices_of.setdefault((each["metadata"]["namespace"], service), []).append(each)
        return self._slices in kinds

    def pods(self, body: Body) -> list[JSON]:
        """The pods of a workload that have not succeeded; of a Deployment, those of older templates too."""
        if body["kind"] == "Pod":
            return [body]
        metadata = body["metadata"]
        owner = f"{metadata['namespace']}/{metadata['name']}" if body["kind"] == "Deployment" else metadata["uid"]
        return [pod for pod in self._pods_of.get(owner, []) if may_belong(pod, body)]

    def pods_in_the_way(self, body: Body) -> list[JSON]:
        """The pods of an older template that a StatefulSet does not replace before they are ready."""
        return [pod for pod in self._pods_of.get(body["metadata"].get("uid", ""), []) if holds_up(pod, body)]

    def warnings(self, uid: str) -> list[Event]:
        """The warnings about one object."""
        return self._warnings_of.get(uid, [])

    def all_warnings(self) -> list[Event]:
        """The warnings in all namespaces that are watched."""
        return [event for events in self._warnings_of.values() for event in events]

    def slices(self, namespace: str, service: str) -> Sequence[Body] | None:
        """The EndpointSlices of a Service; none before they were looked at, None when they may not be read."""
        subjects = [each for each in self._subjects.get(self._slices, set()) if each.namespace == namespace]
        if subjects and not any(self._watching.is_readable(subject) for subject in subjects):
            return None
        return self._slices_of.get((namespace, service), [])

    def _items(self, resource: Resource) -> list[JSON]:
        subjects = self._subjects.get(resource, set())
        return [item for subject in subjects for item in self._watching.items(subject).values()]

    def _narrowed(self, resource: Resource, selectors: Mapping[str, set[str]], fields: str = "") -> set[Subject]:
        subjects = set()
        for namespace, each in selectors.items():
            labels = sorted(each) if len(each) <= _FEW else [""]
            subjects |= {Subject(resource, namespace, labels=label, fields=fields) for label in labels}
        self._subjects.setdefault(resource, set()).update(subjects)
        return subjects
