"""`status`: whether PostgreSQL still holds exactly what the migration wrote, so that SQLite may take over again."""

from __future__ import annotations

import contextlib

from . import earlier, journal, newer_writes, target
from .errors import NewerWrites, TargetRefused
from .progress import Progress
from .report import Report
from .settings import Settings


def status(settings: Settings, report: Report, progress: Progress) -> str:
    """One sentence where there are no newer writes. Raises NewerWrites with their counts."""
    book = journal.read(settings.folder / "journal.json")
    report.journal = book
    if not book.copies:
        return f"Nothing was migrated to PostgreSQL from {settings.sqlite}."
    with contextlib.closing(target.connect(settings.password, "status")) as connection:
        place = target.place(connection)
        if all(copy.target != place for copy in book.copies):
            raise TargetRefused(
                f"The migration went to {book.copies[0].target}, this is {place}: name that one (PGHOST, PGDATABASE)."
            )
        report.target = place
        copy = earlier.found(connection, book)
        if copy is None:
            return f"Nothing that was migrated from {settings.sqlite} was committed to PostgreSQL."
        schema = target.schema_of(connection)
        with target.transaction(connection, schema), report.step(progress, "newer writes"):
            newer = newer_writes.count(connection, copy, settings.ignored_tables)
    report.newer = newer.as_json() if newer.total else {}
    if newer.total:
        raise NewerWrites(f"PostgreSQL holds {newer.sentence()}, none of which SQLite has.", details=newer.as_json())
    return f"PostgreSQL holds exactly the {copy.rows:,} rows that were migrated."
