"""Fills an SQLite database of MLflow, in MLflow's image: through its API, then every table that is still empty.

python fill.py /data/mlflow.db METRIC_ROWS SEED         all of it
python fill.py /data/mlflow.db METRIC_ROWS SEED bulk    what no API writes: many rows, and some in every empty table
python fill.py http://mlflow:5000                       what is written through the API, by that of a server
"""

from __future__ import annotations

import math
import os
import random
import re
import sqlite3
import sys
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

os.environ |= {"MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}

import mlflow
import numpy
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

FLOATS = (float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 1.7976931348623157e308, 0.1, 1 / 3, 0.0)
TEXTS = (
    "",
    "Grüße aus Köln",
    "模型 モデル",
    "🦆🧪 astral \U0010ffff",
    "tab\tline\nreturn\r",
    "'\"\\%;--",
    "e\u0301 and \u200d",
)
LONGEST_PARAM = "é" * 8000


# MLflow does not start where these have rows and it is not told to keep them up.
ROLLUPS = ("sql_assessment_daily_rollups", "sql_span_cost_daily_rollups", "sql_trace_metric_daily_rollups")


def through_the_api(uri: str, artifacts: str | None = None) -> None:
    """What a team's MLflow holds: experiments, runs, models, traces, datasets; some of it deleted."""
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    client = MlflowClient(uri, uri)
    kept = client.create_experiment("churn 🦆", artifact_location=artifacts, tags={"team": "data"})
    gone = client.create_experiment("old")
    client.create_run(gone)
    client.delete_experiment(gone)
    run = client.create_run(kept, run_name="duck", tags={"kind": "first"}).info.run_id
    client.log_batch(
        run,
        metrics=[Metric("edge", value, 1_700_000_000_000 + step, step) for step, value in enumerate(FLOATS)],
        params=[Param(f"text {number}", value or "-") for number, value in enumerate(TEXTS)],
        tags=[RunTag(f"tag {number}", value) for number, value in enumerate(TEXTS)],
    )
    client.log_param(run, "longest", LONGEST_PARAM[:6000])
    client.log_text(run, "Wie viele Enten? 🦆", "notes/question.txt")
    client.set_terminated(run, "FINISHED")
    client.delete_run(client.create_run(kept).info.run_id)
    _registry(client, run)
    _traces(kept)
    with mlflow.start_run(experiment_id=kept):
        mlflow.log_input(mlflow.data.from_numpy(numpy.arange(6.0), name="numbers"), context="training")
        model = mlflow.initialize_logged_model(name="logged", params={"depth": "3"}, tags={"a": "b"})
        mlflow.log_metric("score", 0.5, model_id=model.model_id)


def _registry(client: MlflowClient, run: str) -> None:
    client.create_registered_model("churn-model", tags={"owner": "team"}, description="Der Entenzähler")
    for number in range(3):
        version = client.create_model_version("churn-model", f"runs:/{run}/model", run, tags={"n": str(number)})
        client.set_registered_model_alias("churn-model", f"alias-{number}", version.version)
    client.set_registered_model_alias("churn-model", "champion", "2")
    client.delete_model_version("churn-model", "3")


def _traces(experiment: str) -> None:
    mlflow.set_experiment(experiment_id=experiment)
    for number in range(5):
        with mlflow.start_span(f"parent {number}") as span:
            span.set_inputs({"question": "Wie viele Enten? 🦆"})
            with mlflow.start_span("child") as child:
                child.set_attribute("n", number)
            span.set_outputs({"answer": number})
        mlflow.log_feedback(trace_id=span.trace_id, name="good", value=True)
        mlflow.set_trace_tag(span.trace_id, "number", str(number))


def in_bulk(connection: sqlite3.Connection, metrics: int, random_numbers: random.Random) -> None:
    """Metric rows as training writes them, and the edges of what the columns may hold."""
    rows = connection.execute("SELECT min(experiment_id) FROM experiments WHERE lifecycle_stage = 'active'").fetchone()
    runs = [uuid.UUID(int=random_numbers.getrandbits(128)).hex for _ in range(max(1, metrics // 1000))]
    connection.executemany(
        "INSERT INTO runs (run_uuid, name, status, experiment_id, lifecycle_stage, start_time, end_time, artifact_uri,"
        " user_id) VALUES (?, ?, 'FINISHED', ?, 'active', 1700000000000, 1700000001000, 'mlflow-artifacts:/b', 'me')",
        [(run, f"bulk {number}", rows[0]) for number, run in enumerate(runs)],
    )
    connection.executemany(
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)",
        _metrics(metrics, runs, random_numbers),
    )
    connection.executemany(
        "INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, 0.5, 1, ?, 1, 0)",
        [(f"loss {number}", run) for run in runs for number in range(10)],
    )
    connection.execute("INSERT INTO params (key, value, run_uuid) VALUES ('8000', ?, ?)", [LONGEST_PARAM, runs[0]])


def _metrics(count: int, runs: list[str], random_numbers: random.Random) -> Iterator[tuple[Any, ...]]:
    for number in range(count):
        is_nan = number % 997 == 0
        value = 0.0 if is_nan else random_numbers.choice((random_numbers.random(), -0.0, 5e-324, math.pi * 1e300))
        step = number // len(runs)
        yield f"loss {step % 10}", value, 1_700_000_000_000 + number, runs[number % len(runs)], step, is_nan


def every_table(
    connection: sqlite3.Connection, rows: int, random_numbers: random.Random, but: Collection[str] = ()
) -> list[str]:
    """Rows in each table that has none, whatever its columns are; gives the tables' names."""
    tables = [table for table in _parents_first(connection) if table not in but]
    empty = [table for table in tables if not connection.execute(f'SELECT 1 FROM "{table}"').fetchone()]
    for table in empty:
        for number in range(rows):
            columns = dict(_row(connection, table, number, random_numbers))
            marks = ", ".join("?" * len(columns))
            names = ", ".join(f'"{name}"' for name in columns)
            connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(columns.values()))
    return empty


def _row(
    connection: sqlite3.Connection, table: str, number: int, random_numbers: random.Random
) -> Iterator[tuple[str, Any]]:
    parents: dict[str, Any] = {}
    for _, _, parent, columns, there in _foreign_keys(connection, table):
        names = ", ".join(f'"{name}"' for name in there)
        there_are = connection.execute(f'SELECT {names} FROM "{parent}" ORDER BY rowid').fetchall()
        parents |= dict(zip(columns, there_are[number % len(there_are)], strict=True))
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()
    choices = {
        name: re.findall(r"'(\w+)'", values) for name, values in re.findall(r"CHECK \((\w+) IN \((.*?)\)\)", sql)
    }
    query = 'SELECT name, type, "notnull" FROM pragma_table_xinfo(?) WHERE hidden = 0'
    for name, kind, is_required in connection.execute(query, [table]).fetchall():
        if name in parents:
            yield name, parents[name]
        elif name == "workspace":
            yield name, "default"
        elif choices.get(name):
            yield name, random_numbers.choice(choices[name])
        elif is_required or number % 3:
            yield name, _value(kind, number, random_numbers)


def _value(kind: str, number: int, random_numbers: random.Random) -> Any:
    if kind.startswith("VARCHAR"):
        length = int(kind[8:-1])
        return f"{number} {TEXTS[number % len(TEXTS)]} {random_numbers.random()}"[:length]
    values = {
        "TEXT": lambda: f"{TEXTS[number % len(TEXTS)]}{'x' * number * 100}",
        "JSON": lambda: '{"duck": "🦆", "n": [1, 2.50, null], "e": "\\u00e9"}' if number % 2 else "17",
        "BLOB": lambda: random_numbers.randbytes(50) + b"\0\xff",
        "INTEGER": lambda: number + 1 if number % 2 else (1 << 31) - 1 - number,
        "BIGINT": lambda: random_numbers.choice(((1 << 63) - 1, -(1 << 63), 0, number)),
        "FLOAT": lambda: FLOATS[1 + number % (len(FLOATS) - 1)],
        "BOOLEAN": lambda: number % 2,
        "DATE": lambda: f"2026-{1 + number % 12:02}-{1 + number % 28:02}",
    }
    return values[kind]()


def _foreign_keys(connection: sqlite3.Connection, table: str) -> list[tuple[str, int, str, list[str], list[str]]]:
    keys: dict[int, tuple[str, int, str, list[str], list[str]]] = {}
    query = 'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq'
    for number, parent, here, there in connection.execute(query, [table]):
        key = keys.setdefault(number, (table, number, parent, [], []))
        key[3].append(here)
        key[4].append(there)
    return list(keys.values())


def _parents_first(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    waiting = [name for (name,) in connection.execute(query)]
    ordered: list[str] = []
    while waiting:
        ready = [
            table
            for table in waiting
            if all(key[2] in ordered or key[2] == table for key in _foreign_keys(connection, table))
        ]
        ordered += ready or waiting
        waiting = [table for table in waiting if table not in ordered]
    return ordered


def main() -> None:
    if len(sys.argv) == 2:
        through_the_api(sys.argv[1])
        return
    database, metrics, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    random_numbers, is_served = random.Random(seed), "bulk" in sys.argv
    if not is_served:
        through_the_api(f"sqlite:///{database}", f"file://{database.parent}/churn")
    connection = sqlite3.connect(database, timeout=60)
    in_bulk(connection, metrics, random_numbers)
    print("filled besides the API:", every_table(connection, 5, random_numbers, ROLLUPS if is_served else ()))
    connection.commit()
    connection.close()


if __name__ == "__main__":
    main()
