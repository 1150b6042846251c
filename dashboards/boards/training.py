"""Training: Jobs, their pods, what they log."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from .panels import GREEN, HERE, ORANGE, RATE, RED, Panels, empty, number, row, series

JOBS = f'namespace="training", {HERE}'


def board() -> Dashboard:
    made = empty("training", "Tracking: training", "Training Jobs, their pods, and the runs they log.")
    for tile in _tiles():
        made.with_panel(tile)
    made.with_row(row("Jobs and their pods"))
    for panel in _lines():
        made.with_panel(panel)
    return made


def _tiles() -> Panels:
    killed = f'kube_pod_container_status_terminated_reason{{reason="OOMKilled", {JOBS}}}'
    return [
        number("Jobs at work", f"sum(kube_job_status_active{{{JOBS}}}) or vector(0)", "Pods of Jobs that run."),
        number(
            "Jobs done", f'sum(kube_job_complete{{condition="true", {JOBS}}}) or vector(0)', "That are still there."
        ),
        number(
            "Jobs failed",
            f'sum(kube_job_failed{{condition="true", {JOBS}}}) or vector(0)',
            "That are still there to look at.",
            steps=[(None, GREEN), (1, RED)],
        ),
        number(
            "Killed for memory",
            f"sum({killed}) or vector(0)",
            "Containers that needed more than their limit.",
            steps=[(None, GREEN), (1, RED)],
        ),
        number(
            "Oldest running run",
            f"max(mlflow_oldest_running_run_seconds{{{HERE}}})",
            "Since when.",
            unit="s",
            steps=[(None, GREEN), (43200, ORANGE), (86400, RED)],
        ),
        number("Failed runs", f'sum(mlflow_runs{{status="FAILED", {HERE}}})', "As MLflow knows them."),
    ]


def _lines() -> Panels:
    return [
        series(
            "Pods",
            [(f"sum by (phase) (kube_pod_status_phase{{{JOBS}}}) or vector(0)", "{{phase}}")],
            "By phase. Pending for long is a Job that nothing has room for.",
            is_stacked=True,
        ),
        series(
            "Memory",
            [
                (
                    f'sum by (pod) (container_memory_working_set_bytes{{container!="", {JOBS}}}) or vector(0)',
                    "{{pod}}",
                )
            ],
            "By pod.",
            unit="bytes",
        ),
        series(
            "CPU",
            [
                (
                    f"sum by (pod) (rate(container_cpu_usage_seconds_total{{{JOBS}}}[{RATE}])) or vector(0)",
                    "{{pod}}",
                )
            ],
            "Cores in use, by pod.",
        ),
        series(
            "Runs that end",
            [(f"sum by (status) (delta(mlflow_runs{{{HERE}}}[30m]))", "{{status}}")],
            "By status, more or fewer than half an hour ago.",
        ),
        series(
            "Values logged",
            [(f"sum(deriv(mlflow_metric_rows{{{HERE}}}[10m]))", "rows")],
            "Rows of metrics a second.",
            unit="wps",
        ),
        series(
            "Last push",
            [(f"time() - max by (job) (push_time_seconds{{{HERE}}}) or vector(0)", "{{job}}")],
            "Seconds since a Job last pushed metrics of its own to the Pushgateway.",
            unit="s",
        ),
    ]
