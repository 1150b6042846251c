"""`python -m migration COMMAND`; see the package's docstring."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

from .errors import Exit, Failed, MigrationError
from .progress import Progress
from .settings import Settings, from_environment

if TYPE_CHECKING:
    from .report import Report


def main(arguments: list[str]) -> int:
    """Runs one command; gives the exit code."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"Usage: python -m migration {'|'.join(COMMANDS)}", file=sys.stderr)
        return Exit.USAGE
    from .report import Report

    command, progress, report = arguments[0], Progress(), Report(arguments[0])
    settings = None
    try:
        settings = from_environment()
        report.kind = settings.kind
        report.end(None, _guarded(COMMANDS[command], settings, report, progress))
    except MigrationError as error:
        report.end(error)
    progress.say(f"{'OK' if report.code == Exit.DONE else Exit(report.code).name}: {report.sentence}")
    report.leave(settings, progress)
    return report.code


def _guarded(
    command: Callable[[Settings, Report, Progress], str], settings: Settings, report: Report, progress: Progress
) -> str:
    """What breaks on the way is Failed, in one sentence."""
    import psycopg
    import sqlalchemy.exc

    try:
        with _ending_when_told():
            return command(settings, report, progress)
    except (psycopg.Error, sqlite3.Error, OSError, sqlalchemy.exc.SQLAlchemyError) as error:
        # SQLAlchemy's own text has the whole statement in it.
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        step = progress.step or "start"
        raise Failed(
            f"The step {step!r} broke off ({said}): see to its cause, then run the same command again."
        ) from None


@contextlib.contextmanager
def _ending_when_told() -> Iterator[None]:
    """The first process of a container hears of its pod's end only if it asks to; the report is left in any case."""
    before = signal.signal(signal.SIGTERM, _told_to_end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _told_to_end(*_: object) -> NoReturn:
    raise Failed("The pod was told to end before the work was done: run the same command again; nothing is lost.")


def _preflight(settings: Settings, report: Report, progress: Progress) -> str:
    from .preflight import preflight

    return preflight(settings, report, progress)


def _migrate(settings: Settings, report: Report, progress: Progress) -> str:
    from .migrate import migrate

    return migrate(settings, report, progress)


def _status(settings: Settings, report: Report, progress: Progress) -> str:
    from .status import status

    return status(settings, report, progress)


COMMANDS: dict[str, Callable[[Settings, Report, Progress], str]] = {
    "preflight": _preflight,
    "migrate": _migrate,
    "status": _status,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
