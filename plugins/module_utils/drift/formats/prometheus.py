"""A report as metrics in Prometheus' text format, for the Pushgateway or a textfile collector."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Report

_HELP = {
    "tracking_drift_objects": "Objects by state at the last drift check.",
    "tracking_drift_object": "An object that drifts.",
    "tracking_drift_findings": "Findings of the last drift check.",
    "tracking_drift_ignored_findings": "Findings that a rule of the inventory takes out.",
    "tracking_drift_expired_rules": "Ignore rules past their date.",
    "tracking_drift_last_run_timestamp_seconds": "When the last drift check began.",
    "tracking_drift_duration_seconds": "How long the last drift check took.",
    "tracking_drift_failed": "Whether something could not be looked at.",
}


def as_metrics(report: Report) -> str:
    """All are gauges, with the label `cluster`."""
    started = datetime.datetime.fromisoformat(report.started).timestamp()
    samples: dict[str, list[tuple[Mapping[str, str], float]]] = {
        "tracking_drift_objects": [({"state": state}, count) for state, count in report.counts().items()],
        "tracking_drift_object": [({"object": name, "state": state}, 1) for name, state in report.drifted.items()],
        "tracking_drift_findings": [({}, len(report.findings))],
        "tracking_drift_ignored_findings": [({}, len(report.ignored))],
        "tracking_drift_expired_rules": [({}, len(report.expired_rules))],
        "tracking_drift_last_run_timestamp_seconds": [({}, started)],
        "tracking_drift_duration_seconds": [({}, round(report.seconds, 3))],
        "tracking_drift_failed": [({}, 1 if report.not_told else 0)],
    }
    lines = []
    for name, values in samples.items():
        lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge"]
        lines += [f"{name}{_labels({'cluster': report.cluster, **labels})} {value:.15g}" for labels, value in values]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
