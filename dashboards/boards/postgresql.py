"""PostgreSQL: connections, work, locks. Only where MLflow is on it."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from .panels import GREEN, HERE, ORANGE, RATE, RED, Panels, empty, number, row, series, state

OURS = f'datname!~"template.*|postgres|", {HERE}'


def board() -> Dashboard:
    made = empty("postgresql", "Tracking: PostgreSQL", "The database of MLflow's metadata.")
    for tile in _tiles():
        made.with_panel(tile)
    made.with_row(row("What it does"))
    for panel in _lines():
        made.with_panel(panel)
    return made


def _tiles() -> Panels:
    hits, reads = (f"sum(pg_stat_database_{name}{{{OURS}}})" for name in ("blks_hit", "blks_read"))
    return [
        state("PostgreSQL", f"max(pg_up{{{HERE}}})", "It answers its exporter."),
        number(
            "Connections in use",
            f"sum(pg_stat_database_numbackends{{{HERE}}}) / max(pg_settings_max_connections{{{HERE}}})",
            "Of max_connections. MLflow fails requests when there are none left.",
            unit="percentunit",
            steps=[(None, GREEN), (0.6, ORANGE), (0.8, RED)],
        ),
        number("Size", f"max(mlflow_database_size_bytes{{{HERE}}})", "Of MLflow's database.", unit="bytes"),
        number(
            "Cache hits",
            f"{hits} / ({hits} + {reads})",
            "Blocks that were in memory already, since the start.",
            unit="percentunit",
            steps=[(None, RED), (0.9, ORANGE), (0.98, GREEN)],
        ),
    ]


def _lines() -> Panels:
    return [
        series(
            "Connections",
            [
                (f"sum(pg_stat_database_numbackends{{{HERE}}})", "in use"),
                (f"max(pg_settings_max_connections{{{HERE}}})", "limit"),
            ],
            "All of them, those that rest in MLflow's pools as well.",
        ),
        series(
            "Transactions",
            [
                (f"sum(rate(pg_stat_database_xact_commit{{{OURS}}}[{RATE}]))", "committed"),
                (f"sum(rate(pg_stat_database_xact_rollback{{{OURS}}}[{RATE}]))", "rolled back"),
            ],
            "A second.",
            unit="ops",
        ),
        series(
            "Rows",
            [
                (f"sum(rate(pg_stat_database_tup_{name}{{{OURS}}}[{RATE}]))", name)
                for name in ("inserted", "updated", "deleted", "fetched")
            ],
            "A second.",
            unit="ops",
        ),
        series(
            "Deadlocks",
            [(f"sum(increase(pg_stat_database_deadlocks{{{OURS}}}[1h]))", "deadlocks")],
            "Within an hour.",
        ),
        series(
            "Temporary files",
            [(f"sum(rate(pg_stat_database_temp_bytes{{{OURS}}}[{RATE}]))", "written")],
            "Sorts that did not fit into work_mem.",
            unit="Bps",
        ),
        series(
            "Memory",
            [
                (
                    f'max(container_memory_working_set_bytes{{container="postgres", {HERE}}}) or vector(0)',
                    "used",
                )
            ],
            "Of PostgreSQL's container.",
            unit="bytes",
        ),
    ]
