"""`migrate`: from a file that MLflow no longer uses to a PostgreSQL that is proved to hold the same.

Everything is written in one transaction, MLflow's schema included, so a kill at any moment leaves all of it or none.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from . import (
    catalog,
    copying,
    earlier,
    frozen,
    journal,
    locks,
    mlflow_schema,
    plan,
    put_aside,
    quarantine,
    readers,
    revisions,
    sequences,
    sqlite_file,
    target,
)
from .digest import Digest
from .encoding import CannotEncode
from .errors import Failed, RowsRefused
from .frozen import Frozen
from .journal import Copy, Journal, Phase
from .progress import Progress
from .quarantine import LeftBehind
from .report import Report, table_of
from .settings import Settings
from .target import Connection

# Below, an index that is kept up is as fast as one that is built.
_MANY_ROWS = 10_000


def migrate(settings: Settings, report: Report, progress: Progress) -> str:
    """What was done, in a sentence. Raises MigrationError; in `report` is what was done, also then."""
    with locks.alone(settings.folder):
        book = journal.read(settings.folder / "journal.json")
        report.journal = book
        connection = target.connect(settings.password, book.label)
        with contextlib.closing(connection):
            target.lock(connection, book.label, settings.lock_seconds)
            report.target = target.place(connection)
            _Migration(settings, report, progress, book, connection).run()
    for line in table_of(book.copies[0]):
        progress.say(line)
    copy = book.copies[0]
    left = sum(copy.quarantined.values())
    but = f", without {left:,} that were left out" if left else ""
    return f"PostgreSQL holds the same {copy.rows:,} rows as SQLite{but}."


class _Migration:
    def __init__(
        self, settings: Settings, report: Report, progress: Progress, book: Journal, connection: Connection
    ) -> None:
        self.settings, self.report, self.progress = settings, report, progress
        self.book, self.connection = book, connection
        self.schema = target.schema_of(connection)

    def run(self) -> None:
        with frozen.frozen(self.settings.sqlite, self.settings.kept_copy, self.settings.lock_seconds) as file:
            if not self._is_written(file):
                self._write(file)
            if self.book.phase != Phase.DONE:
                self._prove()
            file.need_unchanged()
            self.book.enter(Phase.DONE)

    def _is_written(self, file: Frozen) -> bool:
        """Whether an earlier run committed a copy of these very bytes."""
        copy = earlier.found(self.connection, self.book)
        if copy is None:
            return False
        with self.report.step(self.progress, "digest of the file"):
            if file.digest() != copy.sha256:
                return False
        self.progress.say(f"PostgreSQL holds what an earlier run copied (phase {self.book.phase}).")
        if copy is not self.book.copy:
            self.book.commit(copy)
        return True

    def _write(self, file: Frozen) -> None:
        frozen.need_room(self.settings.sqlite, self.settings.folder)
        with sqlite_file.reading(self.settings.sqlite), target.transaction(self.connection, self.schema):
            fresh = self._freeze(file)
            with contextlib.closing(sqlite_file.connect(self.settings.kept_copy, immutable=True)) as source:
                self._copy(source, fresh)
            with self.report.step(self.progress, "commit"):
                self.connection.execute("COMMIT")

    def _freeze(self, file: Frozen) -> catalog.Description:
        """Keeps a copy of the file, and makes the schema meanwhile: the one is the disk's work, the other MLflow's."""
        found = revisions.of_image(self.settings.kind)
        path, table = self.settings.sqlite, self.settings.version_table
        self.report.revision = sqlite_file.check_revision(file.connection, path, table, found)
        there = [table.name for table in sqlite_file.tables(file.connection)]
        with ThreadPoolExecutor(1) as beside:
            copied = beside.submit(file.keep_copy)
            with self.report.step(self.progress, "schema"):
                fresh = fresh_schema(self.connection, self.schema, self.settings, self.book, there)
            with self.report.step(self.progress, "copy of the file"):
                self.book.source = copied.result()
        self.book.enter(Phase.FROZEN)
        return fresh

    def _copy(self, source: sqlite3.Connection, fresh: catalog.Description) -> None:
        """From the kept copy, all in the open transaction, up to where only its commit is missing."""
        moves = plan.match(source, sqlite_file.tables(source), fresh, self.settings.ignored_tables)
        left_behind, ids = quarantine.set_apart(self.settings, self.report, self.progress, source, moves, fresh)
        self.book.enter(Phase.COPYING)
        with _readable_refusals(self.connection):
            tables = self._fill(source, fresh, moves, left_behind)
        self.book.commit(
            Copy(
                target=target.place(self.connection),
                transaction=mlflow_schema.transaction_of(self.connection),
                sha256=self.book.source.sha256 if self.book.source else "",
                tables=tables,
                quarantined={table: rows.count for table, rows in left_behind.items()},
                left_out=ids,
            )
        )

    def _fill(
        self,
        source: sqlite3.Connection,
        fresh: catalog.Description,
        moves: list[plan.Move],
        left_behind: dict[str, LeftBehind],
    ) -> dict[str, dict[str, Any]]:
        """{table: {rows, digest}} of what was read and sent."""
        many = [move.table for move in moves if move.rows >= _MANY_ROWS]
        aside = put_aside.put_aside(self.connection, fresh, many)
        rows = sum(move.rows for move in moves) - sum(each.count for each in left_behind.values())
        tables = {}
        with self.report.step(self.progress, "copy", rows):
            for move in moves:
                # What MLflow's migrations wrote into the new schema is in the file as well.
                self.connection.execute(f"DELETE FROM {plan.quoted(move.table)}".encode())
                digest = copying.copy_table(
                    source,
                    self.connection,
                    move,
                    left_behind[move.table].condition if move.table in left_behind else "",
                    functools.partial(self.progress.advance, what=move.table),
                )
                tables[move.table] = digest.as_json()
        with self.report.step(self.progress, "indexes and constraints"):
            put_aside.put_back(self.connection, aside, self.progress)
        self.report.sequences = sequences.set_all(self.connection, fresh)
        with self.report.step(self.progress, "analyze"):
            for move in moves:
                self.connection.execute(f"ANALYZE {plan.quoted(move.table)}".encode())
        self._compare(fresh)
        return tables

    def _compare(self, fresh: catalog.Description) -> None:
        """Tables, constraints, indexes and sequences are again as MLflow had just made them. Raises Failed."""
        found = catalog.differences(catalog.describe(self.connection, self.schema), fresh)
        if found:
            raise Failed(f"The schema is no longer as MLflow made it: {found[0]}.", details={"differences": found})
        self.report.compared = fresh.counts()

    def _prove(self) -> None:
        """What another connection reads back from PostgreSQL is what was read from SQLite. Raises Failed."""
        copy = self.book.copies[0]
        with contextlib.closing(target.connect(self.settings.password, "proof")) as connection:
            columns = {
                table: [column.name for column in those if not column.is_generated]
                for table, those in catalog.describe(connection, self.schema).tables.items()
                if table in copy.tables
            }
            with self.report.step(self.progress, "proof", copy.rows):
                found = readers.digests(connection, self.schema, columns.items(), self.progress.advance)
        wrong = [
            f"{table}: {told['rows']:,} rows of digest {told['digest']} were read from SQLite, "
            f"{other.rows:,} of {other.text} from PostgreSQL"
            for table, told in sorted(copy.tables.items())
            if (other := found.get(table, Digest())).as_json() != told
        ]
        if wrong:
            self._take_back(copy)
            raise Failed(
                f"PostgreSQL does not hold what SQLite does ({wrong[0]}). What was copied was taken back.",
                details={"unequal": wrong},
            )

    def _take_back(self, copy: Copy) -> None:
        """Drops the tables that were copied, if nobody has written to them since. Raises TargetRefused."""
        with target.transaction(self.connection, self.schema):
            target.drop(self.connection, self.schema, earlier.need_untouched(self.connection, self.schema, copy))
            self.connection.execute("COMMIT")
        self.book.enter(Phase.NEW)


def fresh_schema(
    connection: Connection, schema: str, settings: Settings, book: Journal, expected: list[str]
) -> catalog.Description:
    """Makes MLflow's schema anew in the open transaction, in place of an empty one. Raises TargetRefused."""
    earlier.make_room(connection, schema, book, expected, settings.version_table)
    mlflow_schema.import_lean()
    mlflow_schema.make(settings.kind, connection)
    target.search_in(connection, schema)
    return catalog.describe(connection, schema)


@contextlib.contextmanager
def _readable_refusals(connection: Connection) -> Iterator[None]:
    """A row that PostgreSQL or its types refuse is the scan's matter."""
    try:
        yield
    except CannotEncode as error:
        raise RowsRefused(_SCAN.format(error)) from None
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise RowsRefused(_SCAN.format(error.diag.message_primary)) from None


_SCAN = (
    "PostgreSQL refuses a row ({}), and nothing was written: `preflight` lists every such row with its key; mend them, "
    "or leave them out by bad_rows=quarantine."
)
