"""What controllers, schedulers and kubelets would write: the test server has none, so the tests are them."""

from __future__ import annotations

import itertools
from typing import Any

from engine import Engine

JSON = Any

REVISION = "deployment.kubernetes.io/revision"
_numbers = itertools.count(1)


def roll_out(engine: Engine, body: JSON, available: int = 1, **more: JSON) -> None:
    """A Deployment's status: seen, with one updated replica."""
    status = {"observedGeneration": 9, "replicas": 1, "updatedReplicas": 1}
    status |= {"readyReplicas": available, "availableReplicas": available, **more}
    engine.edit(body, {"status": status}, subresource="status")


def replica_set(engine: Engine, deployment: JSON, revision: int) -> JSON:
    """One of a Deployment's ReplicaSets; its template's hash is its revision."""
    name = deployment["metadata"]["name"]
    labels = {"app": name, "pod-template-hash": f"hash{revision}"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": "example/web:1"}]}}
    return engine.create(
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{name}-hash{revision}",
                "namespace": engine.namespace,
                "labels": labels,
                "annotations": {REVISION: str(revision)},
                "ownerReferences": [owner(deployment)],
            },
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        }
    )


def pod(engine: Engine, maker: JSON, **status: JSON) -> JSON:
    """A pod of a ReplicaSet, in the state of that status."""
    made = engine.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{maker['metadata']['name']}-{next(_numbers)}",
                "namespace": engine.namespace,
                "labels": maker["spec"]["template"]["metadata"]["labels"],
                "ownerReferences": [owner(maker)],
            },
            "spec": maker["spec"]["template"]["spec"],
        }
    )
    engine.edit(made, {"status": status}, subresource="status")
    return made


def owner(body: JSON) -> JSON:
    metadata = body["metadata"]
    known = {"apiVersion": body["apiVersion"], "kind": body["kind"], "name": metadata["name"], "uid": metadata["uid"]}
    return {**known, "controller": True}


def crashing(restarts: int) -> JSON:
    """A pod's status whose container crashed that often."""
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    return {"phase": "Running", "containerStatuses": [container(state, restartCount=restarts)]}


def starting() -> JSON:
    """A pod's status that waits for its volumes or its image."""
    state = {"waiting": {"reason": "ContainerCreating"}}
    return {"phase": "Pending", "containerStatuses": [container(state)]}


def container(state: JSON, **more: JSON) -> JSON:
    return {"name": "web", "image": "x", "imageID": "", "ready": False, "restartCount": 0, "state": state, **more}


def event(engine: Engine, about: JSON, reason: str, message: str, kind: str = "Warning", second: int = 1) -> JSON:
    """An event about an object, of some second of one minute."""
    metadata = about["metadata"]
    involved = {"kind": about.get("kind", "Pod"), "namespace": engine.namespace, "name": metadata["name"]}
    return engine.create(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"event-{next(_numbers)}", "namespace": engine.namespace},
            "involvedObject": {**involved, "uid": metadata["uid"]},
            "reason": reason,
            "message": message,
            "type": kind,
            "lastTimestamp": f"2099-01-01T00:00:{second:02}Z",
        }
    )


def endpoint_slice(engine: Engine, service: str, ready: bool = True) -> JSON:
    """One endpoint of a Service."""
    return engine.create(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{service}-{next(_numbers)}",
                "namespace": engine.namespace,
                "labels": {"kubernetes.io/service-name": service},
            },
            "addressType": "IPv4",
            "ports": [{"port": 8080, "protocol": "TCP", "name": "http"}],
            "endpoints": [{"addresses": ["10.1.0.1"], "conditions": {"ready": ready}}],
        }
    )
