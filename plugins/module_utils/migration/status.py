"""`status`: whether PostgreSQL still holds exactly what the migration wrote, so that SQLite may take over again."""

from __future__ import annotations

import contextlib

from . import journal, newer_writes, target
from .errors import NewerWrites, TargetRefused
from .journal import Phase
from .progress import Progress
from .report import Report
from .settings import Settings


def status(settings: Settings, report: Report, progress: Progress) -> str:
    """One sentence where there are no newer writes. Raises NewerWrites with their counts."""
    book = journal.read(settings.folder / "journal.json")
    report.journal = book
    if book.phase not in (Phase.COMMITTING, Phase.DONE):
        return f"Nothing was migrated to PostgreSQL from {settings.sqlite} (phase {book.phase})."
    with contextlib.closing(target.connect(settings.password, "status")) as connection:
        place = target.place(connection)
        if place != book.target:
            raise TargetRefused(
                f"The migration went to {book.target}, this is {place}: set PGHOST and PGDATABASE to it."
            )
        schema = target.schema_of(connection)
        with target.transaction(connection, schema), report.step(progress, "newer writes"):
            newer = newer_writes.count(connection, book, settings.ignored_tables)
    report.newer = newer.as_json() if newer.total else {}
    if newer.total:
        raise NewerWrites(f"PostgreSQL holds {newer.sentence()}, none of which SQLite has.", details=newer.as_json())
    return (
        f"PostgreSQL holds exactly the {sum(told['rows'] for told in book.tables.values()):,} rows that were migrated."
    )
