"""What a Job on the cluster says about running it now."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.jobs.job_record import DIGEST, Course, course_of

JSON = Any


def job(digest: str = "same", condition: str = "", **metadata: str) -> JSON:
    conditions = [{"type": condition, "status": "True"}] if condition else []
    return {
        "metadata": {"annotations": {DIGEST: digest}, **metadata},
        "spec": {},
        "status": {"conditions": conditions},
    }


@pytest.mark.parametrize(
    ("live", "run", "course"),
    [
        (None, "missing", Course.RUN),
        (job(condition="Complete"), "missing", Course.SKIP),
        (job(condition="Complete"), "changed", Course.SKIP),
        (job(condition="Complete"), "always", Course.REPLACE),
        (job("other", condition="Complete"), "missing", Course.SKIP),
        (job("other", condition="Complete"), "changed", Course.REPLACE),
        (job(condition="Failed"), "missing", Course.REPLACE),
        (job(), "missing", Course.FOLLOW),
        (job("other"), "missing", Course.REPLACE),
        (job(deletionTimestamp="now"), "missing", Course.REPLACE),
        ({**job(), "spec": {"suspend": True}}, "missing", Course.REPLACE),
    ],
)
def test_a_record_decides_the_course(live: JSON, run: str, course: Course) -> None:
    assert course_of(live, job(), run=run) is course
