"""`preflight`: whether the migration can be done, found out while MLflow serves; it writes to neither side."""

from __future__ import annotations

import contextlib
import secrets

from . import examine, frozen, journal, locks, plan, revisions, sqlite_file, target
from .catalog import Description
from .errors import RoomRefused, RowsRefused
from .examine import Findings
from .migrate import fresh_schema
from .progress import Progress
from .report import Report
from .settings import Settings

_PATIENCE = 10.0
_NEEDED_MEMORY = 200 << 20
# PostgreSQL's rows, indexes and write-ahead log take less than this many times the SQLite file.
_GROWTH = 2.5


def preflight(settings: Settings, report: Report, progress: Progress) -> str:
    """What was found, in a sentence. Raises MigrationError."""
    path = settings.sqlite
    sqlite_file.check_bytes(path)
    _need_memory()
    _need_target_room(settings)
    frozen.need_room(path, settings.folder)
    with locks.alone(settings.folder), contextlib.ExitStack() as stack:
        with report.step(progress, "copy of the file"):
            copy = stack.enter_context(frozen.snapshot(path, settings.folder / f"{path.name}.preflight", _PATIENCE))
        source = stack.enter_context(contextlib.closing(sqlite_file.connect(copy, immutable=True)))
        known = revisions.of_image(settings.kind)
        report.revision = sqlite_file.check_revision(source, path, settings.version_table, known)
        with sqlite_file.reading(path):
            wanted = _rehearsed(settings, report, progress, [table.name for table in sqlite_file.tables(source)])
            moves = plan.match(source, sqlite_file.tables(source), wanted, settings.ignored_tables)
            with report.step(progress, "integrity of the file"):
                sqlite_file.check_integrity(source, path)
            with report.step(progress, "scan", sum(move.rows for move in moves)):
                findings = examine.examine(source, moves, wanted, progress, settings.listed_offenders)
                if settings.quarantine:
                    examine.add_dependants(source, moves, wanted, findings)
    report.take(findings)
    return _judge(settings, findings, progress, sum(move.rows for move in moves))


def _rehearsed(settings: Settings, report: Report, progress: Progress, expected: list[str]) -> Description:
    """The schema as the migration will make it, made in a transaction that is taken back."""
    label = f"preflight {secrets.token_hex(4)}"
    book = journal.read(settings.folder / "journal.json")
    with contextlib.closing(target.connect(settings.password, label)) as connection:
        report.target = target.place(connection)
        schema = target.schema_of(connection)
        target.lock(connection, label, settings.lock_seconds)
        with report.step(progress, "rehearsal of the schema"), target.transaction(connection, schema):
            return fresh_schema(connection, schema, settings, book, expected)


def _judge(settings: Settings, findings: Findings, progress: Progress, rows: int) -> str:
    if not findings.total:
        return f"All {rows:,} rows can be migrated."
    for offender in findings.offenders:
        progress.say(offender.sentence())
    first = findings.offenders[0].sentence() if findings.offenders else next(iter(findings.rules))
    if settings.quarantine:
        return (
            f"{rows - findings.total:,} rows can be migrated, {findings.total:,} would be left out, the first: {first}."
        )
    raise RowsRefused(
        f"{findings.total:,} rows cannot be migrated, the first: {first}. Mend them, or leave them out by "
        "bad_rows=quarantine.",
    )


def _need_target_room(settings: Settings) -> None:
    needed = int(settings.sqlite.stat().st_size * _GROWTH)
    if settings.target_free and settings.target_free < needed:
        raise RoomRefused(
            f"PostgreSQL's volume has {settings.target_free >> 20:,} MiB free and the migration needs about "
            f"{needed >> 20:,} MiB: enlarge it (postgres_size)."
        )


def _need_memory() -> None:
    available = _available_memory()
    if available is not None and available < _NEEDED_MEMORY:
        raise RoomRefused(
            f"The Job has {available >> 20:,} MiB of memory and needs {_NEEDED_MEMORY >> 20}: raise its limit."
        )


def _available_memory() -> int | None:
    """The limit of the container, in bytes; None where there is none, or nobody can say."""
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError), open(path, encoding="ascii") as stream:
            return int(stream.read())
    return None
