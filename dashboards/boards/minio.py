"""MinIO: room, requests, refusals."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from .panels import GREEN, HERE, ORANGE, RATE, RED, Panels, empty, number, quantile, row, series


def board() -> Dashboard:
    made = empty("minio", "Tracking: MinIO", "How much room artifacts have, and who asks for them.")
    for title, panels in (("Room", _room()), ("Requests", _requests())):
        made.with_row(row(title))
        for panel in panels:
            made.with_panel(panel)
    return made


def _room() -> Panels:
    free = f"minio_cluster_health_capacity_usable_free_bytes{{{HERE}}}"
    total = f"minio_cluster_health_capacity_usable_total_bytes{{{HERE}}}"
    online = f"minio_cluster_health_drives_online_count{{{HERE}}}"
    return [
        number(
            "In use",
            f"1 - max({free}) / max({total})",
            "Of the usable capacity.",
            unit="percentunit",
            steps=[(None, GREEN), (0.7, ORANGE), (0.85, RED)],
        ),
        number("Free", f"max({free})", "Usable bytes.", unit="bytes"),
        number(
            "Drives offline",
            f"max(minio_cluster_health_drives_count{{{HERE}}}) - max({online})",
            "One that is offline is data without its copy.",
            steps=[(None, GREEN), (1, RED)],
        ),
        number("Drives online", f"max({online})", "Drives that work."),
        series(
            "Buckets",
            [(f"max by (bucket) (minio_cluster_usage_buckets_total_bytes{{{HERE}}}) or vector(0)", "{{bucket}}")],
            "Size of each, with old versions, as MinIO's scanner last counted it.",
            unit="bytes",
        ),
        series(
            "Objects",
            [
                (f"max by (bucket) (minio_cluster_usage_buckets_objects_count{{{HERE}}}) or vector(0)", "{{bucket}}"),
                (
                    f"max by (bucket) (minio_cluster_usage_buckets_versions_count{{{HERE}}}) or vector(0)",
                    "{{bucket}} versions",
                ),
            ],
            "Objects and their versions.",
        ),
        series(
            "Drive latency",
            [(f"max by (api) (minio_system_drive_api_latency_micros{{{HERE}}}) or vector(0)", "{{api}}")],
            "By call to the drive.",
            unit="µs",
        ),
    ]


def _requests() -> Panels:
    return [
        series(
            "Requests",
            [(f"sum by (name) (rate(minio_api_requests_total{{{HERE}}}[{RATE}])) or vector(0)", "{{name}}")],
            "A second, by S3 call.",
            unit="reqps",
        ),
        series(
            "Errors",
            [
                (f"sum(rate(minio_api_requests_4xx_errors_total{{{HERE}}}[{RATE}])) or vector(0)", "4xx"),
                (f"sum(rate(minio_api_requests_5xx_errors_total{{{HERE}}}[{RATE}])) or vector(0)", "5xx"),
            ],
            "4xx are the asker's, wrong keys among them, 5xx MinIO's.",
            unit="reqps",
        ),
        series(
            "Rejected",
            [
                (
                    f"sum(rate(minio_api_requests_rejected_auth_total{{{HERE}}}[{RATE}])) or vector(0)",
                    "no usable signature",
                ),
                (f"sum(rate(minio_api_requests_rejected_invalid_total{{{HERE}}}[{RATE}])) or vector(0)", "invalid"),
                (f"sum(rate(minio_api_requests_rejected_header_total{{{HERE}}}[{RATE}])) or vector(0)", "bad headers"),
            ],
            "Requests that were turned away before they were looked at.",
            unit="reqps",
        ),
        series(
            "Time to the first byte",
            [(quantile(0.95, f"minio_api_requests_ttfb_seconds_distribution{{{HERE}}}"), "95 %")],
            "One answer in twenty takes longer to begin.",
            unit="s",
        ),
        series(
            "Traffic",
            [
                (f"sum(rate(minio_api_requests_traffic_received_bytes{{{HERE}}}[{RATE}]))", "received"),
                (f"sum(rate(minio_api_requests_traffic_sent_bytes{{{HERE}}}[{RATE}]))", "sent"),
            ],
            "Bytes a second.",
            unit="Bps",
        ),
        series(
            "Memory",
            [(f"max(minio_system_process_resident_memory_bytes{{{HERE}}})", "resident")],
            "Of MinIO's process.",
            unit="bytes",
        ),
    ]
