"""`migrate`: from a file that MLflow no longer uses to a PostgreSQL that is proved to hold the same.

Everything is written in one transaction, MLflow's schema included, so a kill at any moment leaves all of it or none.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import psycopg

from . import (
    catalog,
    copying,
    frozen,
    journal,
    locks,
    mlflow_schema,
    newer_writes,
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
from .errors import Failed, RowsRefused, TargetRefused
from .frozen import Frozen
from .journal import Journal, Phase
from .progress import Progress
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
    for line in table_of(book):
        progress.say(line)
    rows = sum(told["rows"] for told in book.tables.values())
    left = sum(book.quarantined.values())
    return f"PostgreSQL holds the same {rows:,} rows as SQLite{f', without {left:,} that were left out' * bool(left)}."


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
                self._freeze(file)
                self._write()
            if self.book.phase != Phase.DONE:
                self._prove()
            file.need_unchanged()
            self.book.enter(Phase.DONE)

    def _is_written(self, file: Frozen) -> bool:
        """Whether an earlier run committed these very bytes, here. What it committed of other bytes is taken back."""
        book = self.book
        if book.phase in (Phase.COMMITTING, Phase.DONE) and book.target == target.place(self.connection):
            outcome = target.outcome(self.connection, book.transaction)
            if outcome == "committed" or (book.phase == Phase.DONE and not outcome):
                with self.report.step(self.progress, "digest of the file"):
                    is_same = file.is_same_as(book.source)
                if is_same:
                    self.progress.say(f"PostgreSQL holds what an earlier run copied (phase {book.phase}).")
                    return True
                self._take_back("an earlier run copied another state of the file")
        book.forget()
        return False

    def _freeze(self, file: Frozen) -> None:
        frozen.need_room(self.settings.sqlite, self.settings.folder)
        with self.report.step(self.progress, "copy of the file"):
            self.book.source = file.keep_copy()
        self.book.target = target.place(self.connection)
        self.book.enter(Phase.FROZEN)

    def _write(self) -> None:
        with (
            contextlib.closing(sqlite_file.connect(self.settings.kept_copy, immutable=True)) as source,
            target.transaction(self.connection, self.schema),
        ):
            found = revisions.of_image(self.settings.kind)
            path = self.settings.sqlite
            self.report.revision = sqlite_file.check_revision(source, path, self.settings.version_table, found)
            there = sqlite_file.tables(source)
            with self.report.step(self.progress, "schema"):
                fresh = fresh_schema(self.connection, self.schema, self.settings, [table.name for table in there])
            moves = plan.match(source, there, fresh, self.settings.ignored_tables)
            left_behind = quarantine.set_apart(self.settings, self.report, self.progress, source, moves, fresh)
            self.book.quarantined = {table: rows.count for table, rows in left_behind.items()}
            self.book.enter(Phase.COPYING)
            with _readable_refusals(self.connection):
                self._fill(source, fresh, moves, {table: rows.condition for table, rows in left_behind.items()})
            self.book.transaction = mlflow_schema.transaction_of(self.connection)
            self.book.enter(Phase.COMMITTING)
            with self.report.step(self.progress, "commit"):
                self.connection.execute("COMMIT")

    def _fill(
        self,
        source: sqlite3.Connection,
        fresh: catalog.Description,
        moves: list[plan.Move],
        left_behind: dict[str, str],
    ) -> None:
        many = [move.table for move in moves if move.rows >= _MANY_ROWS]
        aside = put_aside.put_aside(self.connection, fresh, many)
        rows = sum(move.rows for move in moves) - sum(self.book.quarantined.values())
        with self.report.step(self.progress, "copy", rows):
            for move in moves:
                # What MLflow's migrations wrote into the new schema is in the file as well.
                self.connection.execute(f"DELETE FROM {plan.quoted(move.table)}".encode())
                digest = copying.copy_table(
                    source,
                    self.connection,
                    move,
                    left_behind.get(move.table, ""),
                    lambda done, table=move.table: self.progress.advance(done, table),
                )
                self.book.tables[move.table] = digest.as_json()
        with self.report.step(self.progress, "indexes and constraints"):
            put_aside.put_back(self.connection, aside, self.progress)
        self.report.sequences = sequences.set_all(self.connection, fresh)
        with self.report.step(self.progress, "analyze"):
            for move in moves:
                self.connection.execute(f"ANALYZE {plan.quoted(move.table)}".encode())
        self._compare(fresh)

    def _compare(self, fresh: catalog.Description) -> None:
        """Tables, constraints, indexes and sequences are again as MLflow had just made them. Raises Failed."""
        found = catalog.differences(catalog.describe(self.connection, self.schema), fresh)
        if found:
            raise Failed(f"The schema is no longer as MLflow made it: {found[0]}.", details={"differences": found})
        self.report.compared = fresh.counts()

    def _prove(self) -> None:
        """What another connection reads back from PostgreSQL is what was read from SQLite. Raises Failed."""
        with contextlib.closing(target.connect(self.settings.password, "proof")) as connection:
            columns = {
                table: [column.name for column in those if not column.is_generated]
                for table, those in catalog.describe(connection, self.schema).tables.items()
                if table in self.book.tables
            }
            total = sum(table["rows"] for table in self.book.tables.values())
            with self.report.step(self.progress, "proof", total):
                found = readers.digests(connection, self.schema, columns.items(), self.progress.advance)
        wrong = [
            f"{table}: {told['rows']:,} rows of digest {told['digest']} were read from SQLite, "
            f"{other.rows:,} of {other.text} from PostgreSQL"
            for table, told in sorted(self.book.tables.items())
            if (other := found.get(table, Digest())).as_json() != told
        ]
        if wrong:
            self._take_back("the proof failed")
            raise Failed(
                f"PostgreSQL does not hold what SQLite does ({wrong[0]}). What was copied was taken back.",
                details={"unequal": wrong},
            )

    def _take_back(self, why: str) -> None:
        """Drops the tables of an earlier run, if nobody has written to them since. Raises TargetRefused."""
        self.progress.say(f"What was copied is taken back: {why}.")
        tables = sorted(set(self.book.tables) & target.tables_of(self.connection, self.schema))
        with target.transaction(self.connection, self.schema):
            for table in tables:
                self.connection.execute(f"LOCK TABLE {plan.quoted(table)}".encode())
            newer = newer_writes.count(self.connection, self.book, ignored=())
            if newer.total:
                raise TargetRefused(
                    f"PostgreSQL holds {newer.sentence()} since the last migration and SQLite another state than was "
                    "migrated: name an empty database (PGDATABASE), or empty this one yourself.",
                    details=newer.as_json(),
                )
            target.drop(self.connection, self.schema, tables)
            self.connection.execute("COMMIT")
        self.book.forget()


def fresh_schema(connection: Connection, schema: str, settings: Settings, expected: list[str]) -> catalog.Description:
    """Makes MLflow's schema anew in the open transaction, in place of an empty one. Raises TargetRefused."""
    there = target.need_empty(connection, schema, expected, settings.version_table)
    target.drop(connection, schema, there)
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
