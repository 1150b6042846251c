"""Sets that cannot get ready on a real node, each with the words that its failure has to hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workloads import SECONDS, deployment, job

JSON = Any

# Without a probe, a container counts as ready from the moment it starts until it crashes.
NEVER_READY = {"readinessProbe": {"tcpSocket": {"port": 9}, "periodSeconds": 1}}
CRASH = "import os; print('about to fail with', os.environ['MY_TOKEN']); raise SystemExit(3)"
FILL = "open('/data/big', 'wb').write(b'x' * 5 * 2**20); import time; time.sleep(3600)"
MISSING_KEY = {"name": "VALUE", "valueFrom": {"secretKeyRef": {"name": "nowhere", "key": "key"}}}


@dataclass(frozen=True)
class Fault:
    """objects: made of the namespace and an image with Python. seconds: to wait at most."""

    objects: Callable[[str, str], list[JSON]]
    expected: str
    seconds: float = SECONDS

    @property
    def name(self) -> str:
        return self.objects.__name__


def crashing(namespace: str, image: str) -> list[JSON]:
    return [deployment(namespace, image, CRASH, env=[{"name": "MY_TOKEN", "value": "canary-token"}], **NEVER_READY)]


def crashing_before_it_starts(namespace: str, image: str) -> list[JSON]:
    waits = deployment(namespace, image)
    command = ["python3", "-c", "raise SystemExit('no database')"]
    first = {"name": "first", "image": image, "imagePullPolicy": "IfNotPresent", "command": command}
    waits["spec"]["template"]["spec"]["initContainers"] = [first]
    return [waits]


def out_of_memory(namespace: str, image: str) -> list[JSON]:
    limits = {"limits": {"memory": "40Mi"}}
    return [deployment(namespace, image, "x = b'x' * 10**9", resources=limits, **NEVER_READY)]


def job_out_of_memory(namespace: str, image: str) -> list[JSON]:
    return [job(namespace, image, "x = b'x' * 10**9", resources={"limits": {"memory": "40Mi"}})]


def missing_image(namespace: str, image: str) -> list[JSON]:
    return [deployment(namespace, "localhost:1/nowhere:1")]


def missing_secret(namespace: str, image: str) -> list[JSON]:
    return [deployment(namespace, image, env=[MISSING_KEY])]


def missing_config_in_a_volume(namespace: str, image: str) -> list[JSON]:
    return [with_volume(deployment(namespace, image), {"configMap": {"name": "nowhere"}})]


def missing_storage_class(namespace: str, image: str) -> list[JSON]:
    return [claim(namespace, "nowhere"), with_volume(deployment(namespace, image), CLAIM)]


def unschedulable(namespace: str, image: str) -> list[JSON]:
    nowhere = deployment(namespace, image)
    nowhere["spec"]["template"]["spec"]["nodeSelector"] = {"tracking.mlops/nowhere": "true"}
    return [nowhere]


def over_quota(namespace: str, image: str) -> list[JSON]:
    return [quota(namespace, 0), deployment(namespace, image)]


def job_over_quota(namespace: str, image: str) -> list[JSON]:
    return [quota(namespace, 0), job(namespace, image, "pass")]


def forbidden_by_pod_security(namespace: str, image: str) -> list[JSON]:
    return [deployment(namespace, image, securityContext={"privileged": True})]


def too_much_in_a_scratch_volume(namespace: str, image: str) -> list[JSON]:
    fills = deployment(namespace, image, FILL, **NEVER_READY)
    return [with_volume(fills, {"emptyDir": {"sizeLimit": "1Mi"}})]


def past_its_progress_deadline(namespace: str, image: str) -> list[JSON]:
    late = deployment(namespace, image, **NEVER_READY)
    late["spec"]["progressDeadlineSeconds"] = 10
    return [late]


def quota(namespace: str, pods: int) -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "pods", "namespace": namespace},
        "spec": {"hard": {"pods": str(pods)}},
    }


CLAIM = {"persistentVolumeClaim": {"claimName": "data"}}


def claim(namespace: str, storage_class: str, **spec: JSON) -> JSON:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": storage_class,
            "resources": {"requests": {"storage": "1Mi"}},
            **spec,
        },
    }


def stateful(workload: JSON) -> JSON:
    """The Deployment as a StatefulSet."""
    spec = {key: value for key, value in workload["spec"].items() if key != "strategy"}
    return {**workload, "kind": "StatefulSet", "spec": {**spec, "serviceName": "workload"}}


def with_volume(workload: JSON, source: JSON) -> JSON:
    """The workload with a volume at /data."""
    pod = workload["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "data", **source}]
    pod["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    return workload


FAULTS = [
    Fault(
        crashing,
        "container python: CrashLoopBackOff (exit code 3); the last lines of its log:\nabout to fail with (hidden",
    ),
    Fault(
        crashing_before_it_starts,
        "container first: CrashLoopBackOff (exit code 1); the last lines of its log:\nno database",
    ),
    Fault(out_of_memory, "it used more memory than its limit"),
    Fault(job_out_of_memory, "BackoffLimitExceeded: Job has reached the specified backoff limit. pod job-"),
    Fault(missing_image, 'ImagePullBackOff (Back-off pulling image "localhost:1/nowhere:1"'),
    Fault(missing_secret, 'CreateContainerConfigError (secret "nowhere" not found)'),
    Fault(missing_config_in_a_volume, 'MountVolume.SetUp failed for volume "data" : configmap "nowhere" not found'),
    Fault(missing_storage_class, 'ProvisioningFailed (storageclass.storage.k8s.io "nowhere" not found)'),
    Fault(unschedulable, "Unschedulable (0/1 nodes are available"),
    Fault(over_quota, "its pods cannot be made: "),
    Fault(job_over_quota, "its pods cannot be made: Error creating: "),
    Fault(forbidden_by_pod_security, 'violates PodSecurity "baseline:latest": privileged'),
    Fault(
        too_much_in_a_scratch_volume,
        'Evicted (Usage of EmptyDir volume "data" exceeds the limit "1Mi". )',
        seconds=240,
    ),
    Fault(past_its_progress_deadline, "its progress deadline has passed. pod workload-"),
]
