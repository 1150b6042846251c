"""A report as JSON; docs/drift.schema.json is its schema."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Finding, Report

JSON = Any

VERSION = 1


def as_mapping(report: Report) -> dict[str, JSON]:
    """The report as the schema has it."""
    return {
        "version": VERSION,
        "cluster": report.cluster,
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "status": report.status,
        "summary": report.sentence(),
        "objects": report.counts(),
        "findings": [_finding(each) for each in report.findings],
        "not_told": [dataclasses.asdict(each) for each in report.not_told],
        "ignored": [{**_finding(each.finding), "reason": each.reason} for each in report.ignored],
        "expired_rules": [dataclasses.asdict(each) for each in report.expired_rules],
    }


def as_json(report: Report) -> str:
    """The report as text, the same for the same report."""
    return json.dumps(as_mapping(report), indent=2, sort_keys=False, default=str) + "\n"


def _finding(finding: Finding) -> dict[str, JSON]:
    return dataclasses.asdict(finding)
