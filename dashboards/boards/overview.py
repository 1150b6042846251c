"""The first look: which part is ill. Red is ill; each tile leads to the dashboard that says more."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from .panels import GREEN, HERE, ORANGE, RATE, RED, Panels, empty, number, quantile, row, series, state


def board() -> Dashboard:
    made = empty("overview", "Tracking: overview", "Which part of the tracking stack is ill.")
    for tile in (*_parts(), *_counts()):
        made.with_panel(tile)
    made.with_row(row("As described"))
    for panel in _drift():
        made.with_panel(panel)
    made.with_row(row("What it does"))
    for panel in _lines():
        made.with_panel(panel)
    return made


def _parts() -> Panels:
    return [
        state("MLflow", f'sum(up{{job="mlflow", {HERE}}}) or vector(0)', "A pod answers.", link="tracking-mlflow"),
        state(
            "MLflow's API",
            f'min(mlflow_probe_success{{check="api", {HERE}}}) or vector(0)',
            "It answers from its database, which /health does not tell.",
            link="tracking-mlflow",
        ),
        state(
            "Database",
            f"max(mlflow_database_readable{{{HERE}}}) or max(pg_up{{{HERE}}}) or vector(0)",
            "SQLite can be read, or PostgreSQL answers.",
            link="tracking-mlflow",
        ),
        state("MinIO", f'sum(up{{job="minio", {HERE}}})', "A pod answers.", link="tracking-minio"),
    ]


def _counts() -> Panels:
    free = f"kubelet_volume_stats_available_bytes{{{HERE}}} / kubelet_volume_stats_capacity_bytes{{{HERE}}}"
    return [
        number(
            "Alerts that fire",
            'count(ALERTS{alertstate="firing"}) or vector(0)',
            "Prometheus names them under Alerts; each has a runbook.",
            steps=[(None, GREEN), (1, RED)],
        ),
        number(
            "Failed Jobs",
            f'sum(kube_job_failed{{condition="true", {HERE}}}) or vector(0)',
            "Jobs that failed and are still there to look at.",
            steps=[(None, GREEN), (1, ORANGE)],
        ),
        number(
            "Fullest volume",
            f"(1 - min({free})) or vector(0)",
            "How much of the fullest claim is in use.",
            unit="percentunit",
            steps=[(None, GREEN), (0.7, ORANGE), (0.85, RED)],
        ),
        number(
            "Targets down",
            f"sum(1 - up{{{HERE}}})",
            "What Prometheus cannot scrape, so that nothing is known of it.",
            steps=[(None, GREEN), (1, RED)],
        ),
    ]


def _drift() -> Panels:
    """What the scheduled drift check says; its metrics are the cluster's, and bear the Pushgateway's namespace."""
    checked = f"max(tracking_drift_last_run_timestamp_seconds{{{HERE}}})"
    return [
        number(
            "Findings",
            f"max(tracking_drift_findings{{{HERE}}}) or vector(0)",
            "What the last drift check found that is not as described.",
            steps=[(None, GREEN), (1, RED)],
        ),
        number(
            "Not looked at",
            f'max(tracking_drift_objects{{state="not_told", {HERE}}}) or vector(0)',
            "What did not answer the last drift check, or refused it.",
            steps=[(None, GREEN), (1, ORANGE)],
        ),
        number(
            "Since the last check",
            f"(time() - {checked}) or vector(0)",
            "0 where there is no schedule.",
            unit="s",
        ),
        series(
            "Objects that drift",
            [
                (
                    f"max by (cluster, object, state) (tracking_drift_object{{{HERE}}}) or vector(0)",
                    "{{object}} {{state}}",
                )
            ],
            "Each by its name; docs/drift.md says how to see the field and whose hand it was.",
            is_stacked=True,
        ),
    ]


def _lines() -> Panels:
    return [
        series(
            "MLflow's answers",
            [(f"sum by (status) (rate(mlflow_http_request_total{{{HERE}}}[{RATE}]))", "{{status}}")],
            "Requests a second by status. 5xx are MLflow's own fault.",
            unit="reqps",
        ),
        series(
            "MLflow's 95th percentile",
            [(quantile(0.95, f"mlflow_http_request_duration_seconds_bucket{{{HERE}}}"), "95 %")],
            "One request in twenty takes longer.",
            unit="s",
            steps=[(None, GREEN), (2, RED)],
        ),
        series(
            "S3 requests",
            [
                (f"sum(rate(minio_api_requests_total{{{HERE}}}[{RATE}])) or vector(0)", "all"),
                (f"sum(rate(minio_api_requests_errors_total{{{HERE}}}[{RATE}])) or vector(0)", "errors"),
                (f"sum(rate(minio_api_requests_4xx_errors_total{{{HERE}}}[{RATE}])) or vector(0)", "refused"),
            ],
            "What MinIO is asked for, and what it refuses.",
            unit="reqps",
        ),
        series(
            "Memory",
            [
                (
                    f'sum by (namespace, container) (container_memory_working_set_bytes{{container!="", {HERE}}})'
                    " or vector(0)",
                    "{{namespace}} {{container}}",
                )
            ],
            "By container, as the kubelet counts it towards the limit.",
            unit="bytes",
            is_stacked=True,
        ),
        series(
            "Volumes",
            [
                (
                    f"1 - max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{{{HERE}}})"
                    f" / max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{{{HERE}}})"
                    " or vector(0)",
                    "{{namespace}} {{persistentvolumeclaim}}",
                )
            ],
            "How much of each claim is in use. Local volumes show the disk of their node.",
            unit="percentunit",
            steps=[(None, GREEN), (0.85, RED)],
        ),
        series(
            "Restarts",
            [
                (
                    f"sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{{{HERE}}}[1h]))",
                    "{{namespace}} {{pod}}",
                )
            ],
            "Of containers within an hour.",
        ),
    ]
