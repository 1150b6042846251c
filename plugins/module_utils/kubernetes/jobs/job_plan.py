"""Planning a Job: one manifest, what is on the cluster of it, and the one function that runs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.difference import differences
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction, predict
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.job_need import is_needed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.job_record import (
    DIGEST,
    Course,
    course_of,
    digest_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.run_job import JobRun
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import (
    Manifest,
    check_namespaces,
    parse,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.quiesce import Quiesce, find_workloads
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any

_MANAGED_BY = "app.kubernetes.io/managed-by"


@dataclass(frozen=True)
class JobOptions:
    """How a Job is run. run: missing, changed, new_image or always. quiesce: what to hold still meanwhile.

    seconds: for all of it.
    """

    how: Applying
    run: str
    quiesce: Sequence[Reference]
    seconds: float
    check: bool
    diff: bool
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True)
class PlannedJob:
    """Whether it is to run, the difference that makes, the result so far, and the function that runs it."""

    is_change: bool
    differences: Sequence[Mapping[str, str]]
    outcome: Outcome
    carry_out: Callable[[], Outcome]


def plan_job(cluster: Cluster, documents: str, options: JobOptions) -> PlannedJob:
    """Plans to run the one Job in `documents` (see objects.parse)."""
    resources, mask = Resources(cluster), cluster.mask
    manifest = _only_job(parse(documents))
    check_namespaces([manifest], resources)
    mask.learn([manifest.body])
    nothing_to_do = _nothing_to_do(manifest.reference)
    if options.run == "new_image" and not is_needed(cluster, resources, manifest.body, options.quiesce):
        return nothing_to_do
    live = cluster.get(resources.find("batch/v1", "Job").path(manifest.reference))
    course = course_of(live, manifest.body, run=options.run)
    if course is Course.SKIP:
        return nothing_to_do
    if course is Course.RUN and options.check:
        # the server has its say on the Job before it is predicted to run
        predict(cluster, resources, [manifest], {}, options.how, threads=1, try_creates=True, mask=mask)
    workloads = find_workloads(cluster, resources, options.quiesce)
    quiesce = Quiesce(cluster, resources, workloads, options.how.field_manager, options.progress)
    run = JobRun(cluster, resources, mask, manifest, options.how, quiesce, options.seconds, options.progress)
    seen = live if course is Course.REPLACE else None
    action = Action.CREATED if live is None else Action.CHANGED
    prediction = Prediction(manifest, Action.CREATED, seen, manifest.body)
    return PlannedJob(
        True,
        [*_scaled(quiesce), *differences([prediction], mask)] if options.diff else [],
        Outcome([Result(manifest.reference, action)], f"{manifest.reference} has to run", {"ran": True}),
        lambda: run.carry_out(course),
    )


def _nothing_to_do(reference: Reference) -> PlannedJob:
    values = {"ran": False, "succeeded": True, "log": [], "duration": 0.0}
    outcome = Outcome([Result(reference, Action.UNCHANGED)], f"{reference} need not run", values)
    return PlannedJob(False, [], outcome, Outcome)


def workload_references(quiesce: Iterable[Mapping[str, str]]) -> list[Reference]:
    """The workloads that option `quiesce` names."""
    return [Reference("apps/v1", each["kind"], each["namespace"], each["name"]) for each in quiesce]


def _only_job(manifests: Sequence[Manifest]) -> Manifest:
    kinds = [manifest.reference.kind for manifest in manifests]
    if kinds != ["Job"]:
        raise InvalidInput(
            "template",
            f"it holds {', '.join(kinds) or 'nothing'} where one Job is wanted",
            "Leave the Job alone in it; mlops.tracking.manifests takes the other objects",
        )
    body = manifests[0].body
    metadata = body["metadata"]
    labels = {_MANAGED_BY: "mlops.tracking", **(metadata.get("labels") or {})}
    annotations = {**(metadata.get("annotations") or {}), DIGEST: digest_of(body)}
    return replace(manifests[0], body={**body, "metadata": {**metadata, "labels": labels, "annotations": annotations}})


def _scaled(quiesce: Quiesce) -> list[dict[str, str]]:
    return [
        {
            "before_header": str(workload.reference),
            "after_header": f"{workload.reference} (while the Job runs)",
            "before": json.dumps({"replicas": workload.replicas}) + "\n",
            "after": json.dumps({"replicas": 0}) + "\n",
        }
        for workload in quiesce.workloads
        if workload.replicas
    ]
