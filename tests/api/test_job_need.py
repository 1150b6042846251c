"""Whether a Job that prepares data for an image has something to do, as a real API server tells it."""

from __future__ import annotations

from typing import Any

import pytest
from engine import Engine

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.job_need import is_needed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any
NEW = "server:2"


def pod(image: str) -> JSON:
    return {
        "restartPolicy": "Never",
        "containers": [{"name": "it", "image": image}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
    }


def needed(engine: Engine) -> bool:
    job = {"metadata": {"namespace": engine.namespace}, "spec": {"template": {"spec": pod(NEW)}}}
    workload = Reference("apps/v1", "Deployment", engine.namespace, "server")
    return is_needed(engine.cluster, Resources(engine.cluster), job, [workload])


def create_deployment(engine: Engine, image: str) -> None:
    template = {"metadata": {"labels": {"app": "it"}}, "spec": {**pod(image), "restartPolicy": "Always"}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "it"}}, "template": template}
    metadata = {"name": "server", "namespace": engine.namespace}
    engine.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})


def create_claim(engine: Engine, volume: str) -> None:
    spec: JSON = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    if volume:
        spec["volumeName"] = volume
    metadata = {"name": "data", "namespace": engine.namespace}
    engine.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec})


@pytest.mark.parametrize(("image", "expected"), [("server:1", True), (NEW, False)])
def test_is_needed_where_another_image_runs(engine: Engine, image: str, expected: bool) -> None:
    create_deployment(engine, image)
    assert needed(engine) is expected


@pytest.mark.parametrize(("volume", "expected"), [("pv-1", True), ("", False)])
def test_is_needed_for_data_whose_workload_is_gone(engine: Engine, volume: str, expected: bool) -> None:
    create_claim(engine, volume)
    assert needed(engine) is expected


def test_is_not_needed_where_nothing_is(engine: Engine) -> None:
    assert needed(engine) is False
