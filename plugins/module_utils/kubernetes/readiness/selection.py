"""Which workloads of a set have pods that a Service selects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any
Body = Mapping[str, JSON]

_SCALED = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"})


class Selection:
    """Reads `bodies` anew at each question, so that their replicas are those of the moment."""

    def __init__(self, bodies: Mapping[Reference, Body]) -> None:
        self._bodies = bodies
        self._by_label: dict[tuple[str, str, str], list[Reference]] = {}
        for reference, body in bodies.items():
            for key, value in _labels_of_pods(body).items():
                self._by_label.setdefault((reference.namespace, key, str(value)), []).append(reference)

    def wants_pods_for(self, service: Body) -> bool:
        """Whether the set is to have pods behind this Service."""
        selector = service["spec"].get("selector") or {}
        for key, value in list(selector.items())[:1]:
            candidates = self._by_label.get((service["metadata"]["namespace"], key, str(value)), [])
            bodies = [self._bodies[reference] for reference in candidates]
            return any(selector.items() <= _labels_of_pods(body).items() and _wants_pods(body) for body in bodies)
        return False


def _labels_of_pods(body: Body) -> Mapping[str, str]:
    if body["kind"] == "Pod":
        return body["metadata"].get("labels") or {}
    if body["kind"] not in _SCALED and body["kind"] != "DaemonSet":
        return {}
    template: Mapping[str, JSON] = (body.get("spec") or {}).get("template") or {}
    return (template.get("metadata") or {}).get("labels") or {}


def _wants_pods(body: Body) -> bool:
    if body["kind"] in _SCALED:
        return bool(body["spec"].get("replicas", 1))
    if body["kind"] == "DaemonSet":
        return (body.get("status") or {}).get("desiredNumberScheduled") != 0
    return True
