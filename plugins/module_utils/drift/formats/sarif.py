"""A report as SARIF 2.1.0 (OASIS), for code scanning dashboards."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Finding, Report

JSON = Any

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RULES = {
    "changed": "A field has another value than described",
    "missing": "An object, or a field of it, is described and not there",
    "extra": "An object, or a field of it, is there and not described",
}


def as_sarif(report: Report) -> str:
    """One run of the tool `mlops.tracking drift`."""
    run = {
        "tool": {
            "driver": {
                "name": "mlops.tracking drift",
                "rules": [{"id": name, "shortDescription": {"text": text}} for name, text in _RULES.items()],
            }
        },
        "automationDetails": {"id": f"drift/{report.cluster}/"},
        "invocations": [
            {
                "executionSuccessful": not report.not_told,
                "startTimeUtc": report.started,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": f"{each.what}: {each.why}"}} for each in report.not_told
                ],
            }
        ],
        "results": [_result(report.cluster, each, None) for each in report.findings]
        + [_result(report.cluster, each.finding, each.reason) for each in report.ignored],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, default=str) + "\n"


def _result(cluster: str, finding: Finding, reason: str | None) -> dict[str, JSON]:
    place = f"{finding.object} {finding.path}".rstrip()
    identity = json.dumps([cluster, *finding.identity])
    suppressed = [] if reason is None else [{"kind": "external", "justification": reason}]
    return {
        "ruleId": finding.state,
        "level": "warning",
        "message": {"text": f"{place}: {_story(finding)}"},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": f"{cluster}/{place}", "kind": "resource"}]}],
        "partialFingerprints": {"object/v1": hashlib.sha256(identity.encode()).hexdigest()},
        **({"suppressions": suppressed} if suppressed else {}),
        "properties": {"manager": finding.manager, "time": finding.time, "pointer": finding.pointer},
    }


def _story(finding: Finding) -> str:
    hand = f" (by {finding.manager})" if finding.manager else ""
    if not finding.path:
        return f"{finding.state}{hand}"
    expected, found = (json.dumps(each, default=str) for each in (finding.expected, finding.found))
    return f"{finding.state}, expected {expected}, found {found}{hand}"
