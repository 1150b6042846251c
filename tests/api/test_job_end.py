"""Only a Job that is seen complete has succeeded: what the module says is what later steps rely on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from engine import Engine, documents
from waits import await_audit

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Outcome
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.job_plan import JobOptions, plan_job
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.run_job import JobFailed

JSON = Any


def job(engine: Engine, **spec: JSON) -> JSON:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "x", "image": "x"}]}}
    metadata = {"name": "once", "namespace": engine.namespace}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template, **spec}}


def run(engine: Engine, definition: JSON) -> Outcome:
    options = JobOptions(Applying(), run="always", quiesce=(), seconds=20, check=False, diff=False)
    return plan_job(engine.cluster, documents(definition), options).carry_out()


def test_a_job_that_its_time_to_live_removed_is_no_success(engine: Engine, pool: ThreadPoolExecutor) -> None:
    before = engine.audit_mark()
    definition = job(engine, ttlSecondsAfterFinished=1)
    ending = pool.submit(run, engine, definition)
    await_audit(engine, before, "watch", "jobs")
    path = f"/apis/batch/v1/namespaces/{engine.namespace}/jobs/once"
    engine.cluster.request("DELETE", path, query={"propagationPolicy": "Background"})
    with pytest.raises(JobFailed, match="done, result unknown: its time to live removed it"):
        ending.result()


def test_a_job_that_is_suspended_is_no_success(engine: Engine) -> None:
    with pytest.raises(JobFailed, match="suspended") as failure:
        run(engine, job(engine, suspend=True))
    (row,) = failure.value.result["objects"]
    assert (row["action"], row["readiness"], row["error"], row["tries"]) == ("failed", "failed", "suspended", 1)
    assert failure.value.result["succeeded"] is False


def test_a_job_that_is_refused_has_its_row_too(engine: Engine) -> None:
    with pytest.raises(JobFailed) as failure:
        run(engine, job(engine, completionMode="Never"))
    (row,) = failure.value.result["objects"]
    assert row["action"] == "failed"
    assert "completionMode" in row["error"]
    assert row["tries"] == 1
