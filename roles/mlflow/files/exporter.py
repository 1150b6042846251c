"""What MLflow's own /metrics do not say, for Prometheus: whether it answers from its database, and what lies in it.

    exporter.py --server http://127.0.0.1:5000 [--database /mlflow/mlflow.db] [--port 9101] [--interval 30]

It runs beside the server in the server's pod. The server is asked as a client asks it: /health, which is 200 with the
database down, and something only the database knows. A SQLite database is opened read-only and is held for the time of
one query; where that takes long, the next reading comes later, so that at most a twentieth of the time is spent in it.
The server is asked in every round, and a reading that failed, as on a locked database, is tried again in the next.
On PostgreSQL, postgres-exporter gives the same metrics by queries of its own (role monitoring), under the same names.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import re
import signal
import sqlite3
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY

CHECKS = {"health": "/health", "api": "/api/2.0/mlflow/experiments/search?max_results=1"}
STATUSES = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
SHARE = 20
"""The next reading waits at least this many times as long as the last one took."""


@dataclass(frozen=True)
class Content:
    """What a database holds. `oldest_running` is the start of the oldest run RUNNING, in seconds since 1970."""

    runs: dict[str, int]
    experiments: dict[str, int]
    registered_models: int
    model_versions: int
    metric_rows: int
    size: int
    revision: str
    oldest_running: float | None


@dataclass
class Seen:
    """What the last round saw; content is None until a database could be read, and where there is none to read."""

    answers: dict[str, bool] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    content: Content | None = None
    is_read: bool | None = None
    read_at: float = 0.0


def ask(server: str, path: str, timeout: float = 10.0) -> tuple[bool, float]:
    """(whether it says 200, the seconds it took)."""
    started = time.monotonic()
    try:
        with urllib.request.urlopen(f"{server}{path}", timeout=timeout) as answer:
            answer.read()
            is_good = answer.status == 200
    except (OSError, ValueError):
        is_good = False
    return is_good, time.monotonic() - started


def wanted_revision() -> str:
    """The revision of the schema that this image's MLflow wants; empty where it cannot be told.

    Read from the text of its migration scripts: to import them would take all of MLflow's memory.
    """
    package = importlib.util.find_spec("mlflow")
    if package is None or package.origin is None:
        return ""
    scripts = Path(package.origin).parent / "store" / "db_migrations" / "versions"
    texts = [script.read_text(encoding="utf-8") for script in scripts.glob("*.py")]
    known = {match[1] for text in texts if (match := re.search(r"^revision\b[^=\n]*=\s*['\"](\w+)", text, re.M))}
    before = [match[1] for text in texts if (match := re.search(r"^down_revision\b[^=\n]*=(.*)$", text, re.M))]
    heads = known - {word for each in before for word in re.findall(r"\w+", each)}
    return heads.pop() if len(heads) == 1 else ""


def read(path: str) -> Content:
    """Reads the database; raises sqlite3.Error where it cannot be read."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as database:

        def one(query: str) -> int:
            return int(database.execute(query).fetchone()[0] or 0)

        def counted(query: str, names: Iterable[str] = ()) -> dict[str, int]:
            return {**dict.fromkeys(names, 0), **{str(name): int(many) for name, many in database.execute(query)}}

        (oldest,) = database.execute(
            "SELECT min(start_time) FROM runs WHERE status = 'RUNNING' AND lifecycle_stage = 'active'"
        ).fetchone()
        return Content(
            runs=counted("SELECT status, count(*) FROM runs WHERE lifecycle_stage = 'active' GROUP BY 1", STATUSES),
            experiments=counted("SELECT lifecycle_stage, count(*) FROM experiments GROUP BY 1", ("active", "deleted")),
            registered_models=one("SELECT count(*) FROM registered_models"),
            model_versions=one("SELECT count(*) FROM model_versions"),
            metric_rows=one("SELECT count(*) FROM metrics"),
            size=one("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
            revision=str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0]),
            oldest_running=None if oldest is None else oldest / 1000,
        )


class Exporter:
    """Rounds of looking in a thread of their own; a scrape is given what the last round saw, and waits for nothing."""

    def __init__(self, server: str, database: str | None) -> None:
        self.server = server
        self.database = database
        self.wanted_revision = wanted_revision()
        self.seen = Seen()
        self._next_reading = 0.0

    def look(self) -> None:
        """One round."""
        asked = {check: ask(self.server, path) for check, path in CHECKS.items()}
        seen = Seen(
            answers={check: is_good for check, (is_good, _) in asked.items()},
            seconds={check: seconds for check, (_, seconds) in asked.items()},
            content=self.seen.content,
            is_read=self.seen.is_read,
            read_at=self.seen.read_at,
        )
        started = time.monotonic()
        if self.database and started >= self._next_reading:
            try:
                seen.content, seen.is_read, seen.read_at = read(self.database), True, time.time()
                self._next_reading = started + SHARE * (time.monotonic() - started)
            except sqlite3.Error as error:
                seen.is_read = False
                print(f"{self.database} cannot be read: {error}", file=sys.stderr, flush=True)
        self.seen = seen

    def keep_looking(self, interval: float) -> None:
        while True:
            self.look()
            time.sleep(interval)

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks for at each scrape."""
        seen = self.seen
        yield family("mlflow_probe_success", "Whether the server answered this question.", "check", seen.answers)
        yield family("mlflow_probe_duration_seconds", "How long the answer took.", "check", seen.seconds)
        if self.wanted_revision:
            text = "Revision of the schema that the image wants, as a label."
            yield family("mlflow_schema_wanted_info", text, "revision", {self.wanted_revision: 1})
        if seen.is_read is not None:
            yield GaugeMetricFamily("mlflow_database_readable", "Whether the last look worked.", value=seen.is_read)
        if seen.content is not None:
            yield GaugeMetricFamily("mlflow_database_read_timestamp_seconds", "When that was.", value=seen.read_at)
            yield from families(seen.content)


def families(content: Content) -> Iterator[Metric]:
    """The metrics of a database's content, named as role monitoring's queries for PostgreSQL name them."""
    yield family("mlflow_runs", "Active runs by status.", "status", content.runs)
    yield family("mlflow_experiments", "Experiments by lifecycle stage.", "stage", content.experiments)
    yield GaugeMetricFamily("mlflow_registered_models", "Registered models.", value=content.registered_models)
    yield GaugeMetricFamily("mlflow_model_versions", "Versions of registered models.", value=content.model_versions)
    yield GaugeMetricFamily("mlflow_metric_rows", "Rows of table metrics.", value=content.metric_rows)
    yield GaugeMetricFamily("mlflow_database_size_bytes", "Size of the database.", value=content.size)
    yield family("mlflow_schema_info", "Revision of the schema, as a label.", "revision", {content.revision: 1})
    age = 0.0 if content.oldest_running is None else max(0.0, time.time() - content.oldest_running)
    text = "Seconds since the start of the oldest run RUNNING, 0 without one."
    yield GaugeMetricFamily("mlflow_oldest_running_run_seconds", text, value=age)


def family(name: str, text: str, label: str, values: dict[str, bool] | dict[str, int] | dict[str, float]) -> Metric:
    """A gauge with one label."""
    made = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        made.add_metric([key], float(value))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="where MLflow answers")
    parser.add_argument("--database", help="path of its SQLite database")
    parser.add_argument("--port", type=int, default=9101)
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between two looks")
    options = parser.parse_args()
    # The first process of a container is ended by no signal that it does not handle, and its pod would wait for it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    exporter = Exporter(options.server, options.database)
    REGISTRY.register(exporter)
    _server, thread = start_http_server(options.port)
    threading.Thread(target=exporter.keep_looking, args=(options.interval,), daemon=True).start()
    thread.join()


if __name__ == "__main__":
    main()
