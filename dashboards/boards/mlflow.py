"""MLflow: what it holds, how it answers, what it needs."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from .panels import GREEN, HERE, ORANGE, RATE, RED, Panels, empty, number, quantile, row, series


def board() -> Dashboard:
    made = empty("mlflow", "Tracking: MLflow", "What MLflow holds, and how it answers.")
    for title, panels in (("What it holds", _content()), ("How it answers", _answers()), ("What it needs", _needs())):
        made.with_row(row(title))
        for panel in panels:
            made.with_panel(panel)
    return made


def _content() -> Panels:
    return [
        number("Running", _runs("RUNNING"), "Runs that have not ended."),
        number("Finished", _runs("FINISHED"), "Runs that ended well."),
        number("Failed", _runs("FAILED|KILLED"), "Runs that failed or were killed."),
        number(
            "Oldest running",
            f"max(mlflow_oldest_running_run_seconds{{{HERE}}})",
            "Since when the oldest run is RUNNING. A Job that dies without a word leaves its run so.",
            unit="s",
            steps=[(None, GREEN), (43200, ORANGE), (86400, RED)],
        ),
        number("Experiments", f'sum(mlflow_experiments{{stage="active", {HERE}}})', "Active ones."),
        number("Registered models", f"sum(mlflow_registered_models{{{HERE}}})", "With one version or more."),
        number("Metric rows", f"sum(mlflow_metric_rows{{{HERE}}})", "Values of metrics, of all runs."),
        number(
            "Schema",
            f"mlflow_schema_info{{{HERE}}}",
            "Revision of the database's schema. It changes with MLflow's versions only.",
            legend="{{revision}}",
        ),
        series(
            "Runs",
            [(f"sum by (status) (mlflow_runs{{{HERE}}})", "{{status}}")],
            "Active runs by status.",
            is_stacked=True,
        ),
        series(
            "Metric rows a second",
            [(f"sum(deriv(mlflow_metric_rows{{{HERE}}}[10m]))", "rows")],
            "How fast training logs. The database grows with it.",
            unit="wps",
        ),
        series(
            "Database",
            [(f"max(mlflow_database_size_bytes{{{HERE}}})", "size")],
            "SQLite's file, or PostgreSQL's database.",
            unit="bytes",
        ),
    ]


def _answers() -> Panels:
    bucket = f"mlflow_http_request_duration_seconds_bucket{{{HERE}}}"
    errors = f'sum(rate(mlflow_http_request_total{{status=~"5..", {HERE}}}[{RATE}]))'
    everything = f"sum(rate(mlflow_http_request_total{{{HERE}}}[{RATE}]))"
    return [
        series(
            "Requests",
            [(f"sum by (method, status) (rate(mlflow_http_request_total{{{HERE}}}[{RATE}]))", "{{method}} {{status}}")],
            "A second, by method and status. Readiness probes are among them.",
            unit="reqps",
        ),
        series(
            "Share of server errors",
            [
                (
                    f"({errors} or vector(0)) / {everything} >= 0 or vector(0)",
                    "5xx",
                )
            ],
            "Of all answers.",
            unit="percentunit",
            steps=[(None, GREEN), (0.05, RED)],
        ),
        series(
            "Latency",
            [(quantile(0.5, bucket), "50 %"), (quantile(0.95, bucket), "95 %"), (quantile(0.99, bucket), "99 %")],
            "How long answers take.",
            unit="s",
            steps=[(None, GREEN), (2, RED)],
        ),
        series(
            "95th percentile by status",
            [
                (
                    f"histogram_quantile(0.95, sum by (le, status) (rate({bucket}[{RATE}]))) >= 0 or vector(0)",
                    "{{status}}",
                )
            ],
            "Whether it is the answers or the refusals that are slow.",
            unit="s",
        ),
        series(
            "Asked from beside it",
            [(f"max by (check) (mlflow_probe_duration_seconds{{{HERE}}})", "{{check}}")],
            "How long /health and a question to the database take, asked by the exporter in its pod.",
            unit="s",
        ),
        series(
            "Answers from its database",
            [(f"min by (check) (mlflow_probe_success{{{HERE}}})", "{{check}}")],
            "1 is well. health 1 and api 0 is a database that is gone.",
        ),
        series(
            "Pods",
            [
                (f'sum(up{{job="mlflow", {HERE}}})', "answer"),
                (f'sum(kube_deployment_spec_replicas{{deployment="mlflow", {HERE}}}) or vector(0)', "wanted"),
            ],
            "How many there are and should be.",
        ),
    ]


def _needs() -> Panels:
    mlflow = f'pod=~"mlflow-.*", container="mlflow", {HERE}'
    return [
        series(
            "Memory",
            [
                (f"max(container_memory_working_set_bytes{{{mlflow}}}) or vector(0)", "used"),
                (f'max(kube_pod_container_resource_limits{{resource="memory", {mlflow}}})', "limit"),
            ],
            "Of the fullest pod. At the limit it is killed.",
            unit="bytes",
        ),
        series(
            "CPU",
            [(f"sum by (pod) (rate(container_cpu_usage_seconds_total{{{mlflow}}}[{RATE}])) or vector(0)", "{{pod}}")],
            "Cores in use.",
        ),
        series(
            "Restarts",
            [(f"sum by (pod) (increase(kube_pod_container_status_restarts_total{{{mlflow}}}[1h]))", "{{pod}}")],
            "Within an hour.",
        ),
    ]


def _runs(statuses: str) -> str:
    return f'sum(mlflow_runs{{status=~"{statuses}", {HERE}}})'
