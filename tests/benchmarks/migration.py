"""Moving metric rows from SQLite to PostgreSQL: by this program, and by those who could be used in its place.

Needs Docker and the images of MLflow and PostgreSQL (images/build.py), and pgloader (Debian) for its row.
MIGRATION_SIZES=20000 tries it with fewer rows.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import postgres_server
from migration_job import built, free_port
from postgres_server import PostgresServer

import aims
from aims import Aim
from timing import CommandFailed, Series, run

ROOT = Path(__file__).parents[2]

TITLE = "Moving metric rows from SQLite to PostgreSQL"
SIZES = tuple(int(size) for size in os.environ.get("MIGRATION_SIZES", "1000000,10000000").split(","))
MOST_FOR_PANDAS = 1_000_000
HERE = Path(__file__).parent
MEBIBYTE = 1 << 20
CONDITIONS = (
    "One PostgreSQL with its default settings but `fsync=off` serves all on the same machine, in a database for each.\n"
    "All read the same file. The rivals find MLflow's schema made, with every row but the metrics."
)
BARE = "bare COPY by psycopg into MLflow's table"
PGLOADER = "pgloader, data only"
# MLflow's clients try again for as long by themselves.
CLIENTS_PATIENCE = 240


@dataclass
class Figures:
    """Of one contestant at one size. peak: of its processes together, in bytes."""

    name: str
    series: Series
    peak: int = 0
    steps: dict[str, float] = field(default_factory=dict)


@dataclass
class Arena:
    """A PostgreSQL, a folder for the file, and the images."""

    server: PostgresServer
    volume: Path
    image: str

    @property
    def sqlite(self) -> Path:
        return self.volume / "mlflow.db"

    def target(self) -> dict[str, str]:
        """An empty database, as libpq's environment variables."""
        host = {"PGHOST": "127.0.0.1", "PGPORT": str(self.server.port)}
        return {
            **host,
            "PGDATABASE": self.server.new_database(),
            "PGUSER": "mlflow",
            "PGPASSWORD": self.server.password,
        }

    def in_image(self, environment: dict[str, str], *command: str) -> str:
        """Runs a command in MLflow's image; gives its output."""
        variables = [part for name in environment for part in ("--env", name)]
        program = ROOT / "plugins/module_utils/migration"
        mounts = [f"{self.volume}:/data", f"{program}:/program/migration:ro", f"{HERE}:/benchmarks:ro"]
        volumes = [part for mount in mounts for part in ("--volume", mount)]
        options = ["--rm", "--init", "--network", "host", "--user", "1000", "--tmpfs", "/tmp", "--workdir", "/program"]
        return run(
            ["docker", "run", *options, *variables, *volumes, self.image, *command], env={**os.environ, **environment}
        )

    def measured(self, environment: dict[str, str], *command: str) -> dict[str, float]:
        output = self.in_image(environment, "python", "/benchmarks/measured_command.py", *command)
        return _measured(output)

    def prepared(self) -> dict[str, str]:
        """A database with MLflow's schema, and all rows but the metrics."""
        target = self.target()
        address = "postgresql+psycopg://{PGUSER}:{PGPASSWORD}@{PGHOST}:{PGPORT}/{PGDATABASE}".format(**target)
        self.in_image(target, "mlflow", "db", "upgrade", address)
        self.in_image(target, "python", "/benchmarks/migration_rivals.py", "parents", "/data/mlflow.db")
        return target


def measure(root: Path, folder: Path, runs: int) -> str:
    """Markdown with the medians, the ratios, and how long MLflow refuses writes."""
    volume = folder / "volume"
    volume.mkdir()
    volume.chmod(0o777)
    parts = [CONDITIONS]
    with postgres_server.running(built("postgres"), free_port(), folder / "postgres") as server:
        arena = Arena(server, volume, os.environ.get("MLFLOW_IMAGE") or built("mlflow"))
        for size in SIZES:
            _fill(arena, size)
            found = [
                _of_one(arena, name, one, size, min(runs, 3) if size < 5_000_000 else 1) for name, one in _those(size)
            ]
            parts += _table(size, [each for each in found if each is not None])
    return "\n".join(parts)


def _measured(output: str) -> dict[str, float]:
    """What measured_command.py said."""
    found: dict[str, float] = json.loads(next(line for line in output.splitlines() if line.startswith('{"seconds"')))
    return found


Contestant = Callable[[Arena], dict[str, float]]


def _those(size: int) -> Iterator[tuple[str, Contestant]]:
    yield "this program: schema, copy, indexes and proof", _program
    yield BARE, _rival("bare")
    yield "bare COPY by psycopg, indexes made after it", _rival("rebuilt")
    if shutil.which("pgloader"):
        yield PGLOADER, _pgloader
    if size <= MOST_FOR_PANDAS:
        yield "pandas.to_sql", _rival("pandas")


def _of_one(arena: Arena, name: str, contestant: Contestant, size: int, runs: int) -> Figures | None:
    figures = Figures(name, Series(name))
    for number in range(1, runs + 1):
        try:
            found = contestant(arena)
        except CommandFailed as error:
            print(f"  {name}: {error}", file=sys.stderr, flush=True)
            return None
        figures.series.seconds.append(found.pop("seconds"))
        figures.peak = max(figures.peak, int(found.pop("peak")))
        figures.steps = found
        line = f"  {size:,} rows, {name}: run {number}, {figures.series.seconds[-1]:.1f} s, {figures.peak >> 20} MiB"
        print(line, file=sys.stderr, flush=True)
    return figures


def _program(arena: Arena) -> dict[str, float]:
    shutil.rmtree(arena.volume / "migration", ignore_errors=True)
    environment = arena.target() | {"MIGRATION_SQLITE": "/data/mlflow.db"}
    found = arena.measured(environment, "python", "-m", "migration", "migrate")
    report = json.loads((arena.volume / "migration/report.json").read_text(encoding="utf-8"))
    return found | {name: step["seconds"] for name, step in report["steps"].items()}


def _rival(name: str) -> Contestant:
    def measured(arena: Arena) -> dict[str, float]:
        target = arena.prepared()
        return arena.measured(target, "python", "/benchmarks/migration_rivals.py", name, "/data/mlflow.db")

    return measured


def _pgloader(arena: Arena) -> dict[str, float]:
    target = arena.prepared()
    address = "postgresql://{PGUSER}:{PGPASSWORD}@{PGHOST}:{PGPORT}/{PGDATABASE}".format(**target)
    commands = arena.volume / "metrics.load"
    commands.write_text(
        f"LOAD DATABASE FROM sqlite://{arena.sqlite} INTO {address}\n"
        "WITH data only, include no drop, create no tables, create no indexes, reset no sequences\n"
        "INCLUDING ONLY TABLE NAMES LIKE 'metrics';\n",
        encoding="utf-8",
    )
    output = run(
        [
            sys.executable,
            str(HERE / "measured_command.py"),
            "pgloader",
            f"--root-dir={arena.volume}/pgloader",
            str(commands),
        ]
    )
    count = arena.server.run(target["PGDATABASE"], "SELECT count(*) FROM metrics")[0]
    with closing(sqlite3.connect(arena.sqlite)) as connection:
        wanted = connection.execute("SELECT count(*) FROM metrics").fetchone()[0]
    if int(count) != wanted:
        raise CommandFailed(f"pgloader moved {count} of {wanted} rows:\n{output[-2000:]}")
    return _measured(output)


def _fill(arena: Arena, size: int) -> None:
    """A file of MLflow's, with `size` metric rows of as many runs as have 1,000 each."""
    arena.sqlite.unlink(missing_ok=True)
    arena.in_image({}, "mlflow", "db", "upgrade", "sqlite:////data/mlflow.db")
    numbers = random.Random(size)
    runs = [uuid.UUID(int=numbers.getrandbits(128)).hex for _ in range(size // 1000)]
    with closing(sqlite3.connect(arena.sqlite)) as connection:
        connection.execute("PRAGMA synchronous = off")
        connection.execute("INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (1, 'x', 'active')")
        connection.executemany(
            "INSERT INTO runs (run_uuid, name, status, experiment_id, lifecycle_stage)"
            " VALUES (?, 'r', 'FINISHED', 1, 'active')",
            [(run_id,) for run_id in runs],
        )
        rows = (
            (f"metric_{n % 10}", numbers.random(), 1_700_000_000_000 + n, runs[n // 1000], n % 1000 // 10)
            for n in range(size)
        )
        connection.executemany(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)", rows
        )
        connection.commit()
    for path in arena.volume.glob("mlflow.db*"):
        path.chmod(0o666)


def _table(size: int, found: list[Figures]) -> Iterator[str]:
    yield f"\n{size:,} metric rows\n"
    yield "| who | median s | rows/s | peak memory, MiB |\n| --- | --- | --- | --- |"
    for each in found:
        median = each.series.median
        yield f"| {each.name} | {median:.1f} | {size / median:,.0f} | {each.peak / MEBIBYTE:.0f} |"
    ours, *others = found
    yield ""
    for other in others:
        yield f"- this program takes {ours.series.median / other.series.median:.2f} times the time of {other.name}"
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in ours.steps.items())
    yield f"- the Job takes {ours.series.median:.0f} s: {steps}"
    yield "- MLflow refuses writes for as long, and while it stops before and starts and is proved after it"
    yield f"\n{aims.table(_aims(size, ours, {other.name: other for other in others}))}"


def _aims(size: int, ours: Figures, others: dict[str, Figures]) -> Iterator[Aim]:
    for name, most in ((BARE, 1.3), (PGLOADER, 1.0)):
        there = others.get(name)
        ratio = ours.series.median / there.series.median if there else None
        yield Aim(f"{size:,} rows: time to that of {name}", most, ratio)
    yield Aim(f"{size:,} rows: peak memory", 200, ours.peak / 1e6, " MB")
    yield Aim(f"{size:,} rows: within the patience of MLflow's clients", CLIENTS_PATIENCE, ours.series.median, " s")
