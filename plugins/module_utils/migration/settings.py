"""What the program is told, all of it by environment variables.

The target is told by libpq's own (PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD or PGPASSFILE, PGSSLMODE,
PGSSLROOTCERT), so the password is never an argument.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import Exit, MigrationError

KINDS = {"tracking": "alembic_version", "auth": "alembic_version_auth"}
# Beside the file, one for each schema, as both files may lie in one folder.
DEFAULT_FOLDERS = {"tracking": "migration", "auth": "migration-auth"}


class BadSetting(MigrationError):
    """An environment variable has no value that makes sense."""

    code = Exit.USAGE


@dataclass(frozen=True)
class Settings:
    """`kind` is which of MLflow's schemas the file holds; sizes are in bytes, 0 where nobody knows.

    sqlite (MIGRATION_SQLITE): the file. folder (MIGRATION_FOLDER): the journal, the lock and the copy of the file.
    report (MIGRATION_REPORT): the report's file. kind (MIGRATION_SCHEMA): tracking or auth.
    quarantine (MIGRATION_BAD_ROWS=quarantine): rows that PostgreSQL would refuse are left out and listed.
    target_free (MIGRATION_TARGET_FREE_BYTES): what the target's volume has free, as its database cannot say.
    lock_seconds (MIGRATION_LOCK_SECONDS): how long another user of the file or the database is waited for.
    listed_offenders (MIGRATION_LISTED_OFFENDERS): how many rows are listed in the report; all are counted.
    ignored_tables (MIGRATION_IGNORED_TABLES): of the file, left behind if this MLflow does not make them; of
    PostgreSQL, left out of what `status` counts.
    """

    sqlite: Path
    folder: Path
    report: Path
    kind: str = "tracking"
    quarantine: bool = False
    target_free: int = 0
    lock_seconds: float = 30
    listed_offenders: int = 100
    ignored_tables: tuple[str, ...] = ()
    termination_log: Path = Path("/dev/termination-log")
    password: str = field(default="", repr=False)

    @property
    def kept_copy(self) -> Path:
        """The copy of the frozen file."""
        return self.folder / f"{self.sqlite.name}.frozen"

    @property
    def version_table(self) -> str:
        """The table in which the schema's revision is written."""
        return KINDS[self.kind]


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads MIGRATION_*; raises BadSetting naming the variable."""
    sqlite = Path(environment.get("MIGRATION_SQLITE", "/mlflow/mlflow.db"))
    kind = _choice(environment, "MIGRATION_SCHEMA", "tracking", KINDS)
    folder = Path(environment.get("MIGRATION_FOLDER") or sqlite.parent / DEFAULT_FOLDERS[kind])
    bad_rows = _choice(environment, "MIGRATION_BAD_ROWS", "refuse", ("refuse", "quarantine"))
    return Settings(
        sqlite=sqlite,
        folder=folder,
        report=Path(environment.get("MIGRATION_REPORT") or folder / "report.json"),
        kind=kind,
        quarantine=bad_rows == "quarantine",
        target_free=int(_number(environment, "MIGRATION_TARGET_FREE_BYTES", 0)),
        lock_seconds=_number(environment, "MIGRATION_LOCK_SECONDS", 30),
        listed_offenders=int(_number(environment, "MIGRATION_LISTED_OFFENDERS", 100)),
        ignored_tables=tuple(environment.get("MIGRATION_IGNORED_TABLES", "").replace(",", " ").split()),
        termination_log=Path(environment.get("MIGRATION_TERMINATION_LOG") or "/dev/termination-log"),
        password=_password(environment),
    )


def _choice(environment: Mapping[str, str], name: str, default: str, known: Mapping[str, str] | tuple[str, ...]) -> str:
    value = environment.get(name) or default
    if value not in known:
        raise BadSetting(f"{name} is {value!r}; it must be one of {', '.join(known)}.")
    return value


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    value = environment.get(name) or str(default)
    try:
        number = float(value)
    except ValueError:
        number = -1
    if not number >= 0:
        raise BadSetting(f"{name} is {value!r}; it must be a number that is not negative.")
    return number


def _password(environment: Mapping[str, str]) -> str:
    path = environment.get("MIGRATION_PASSWORD_FILE")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise BadSetting(f"MIGRATION_PASSWORD_FILE {path} cannot be read: {error.strerror}.") from None
