"""The report: what was done, for programs as JSON and for people as a table.

{command, result: done|refused|failed|newer, code, sentence, details: {...}, kind, revision, target,
 phase, source: {path, size, sha256}, rows, tables: {table: {rows, digest}}, sequences: {name: next number},
 compared: {tables, columns, constraints, indexes, sequences}, offenders: {rows, rules: {rule: rows},
 first: [{table, key, column, rule}]}, quarantined: {table: rows}, left_out: [ids of them and what they belong to],
 newer: {written: {table: rows}, gone: {...}},
 steps: {step: {seconds, rows, rows_per_second}}, seconds, began (Unix time), peak_memory_bytes}
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import files
from .errors import Exit, MigrationError
from .examine import Findings
from .journal import Copy, Journal
from .progress import Progress
from .settings import Settings

_TERMINATION_BYTES = 4000
# What the termination message can do without, the least needed first.
_LISTS = ("tables", "sequences", "offenders", "details", "newer", "steps", "left_out", "quarantined", "source")
_RESULTS = {Exit.DONE: "done", Exit.FAILED: "failed", Exit.USAGE: "failed", Exit.NEWER_WRITES: "newer"}


@dataclass
class Report:
    """Filled in as the work goes on, so that it says how far it came."""

    command: str
    kind: str = ""
    code: int = Exit.DONE
    sentence: str = ""
    revision: str = ""
    target: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)
    steps: dict[str, dict[str, float]] = field(default_factory=dict)
    newer: dict[str, Any] = field(default_factory=dict)
    offenders: dict[str, Any] = field(default_factory=dict)
    journal: Journal | None = None
    began: float = field(default_factory=time.time)

    @contextlib.contextmanager
    def step(self, progress: Progress, name: str, rows: int = 0) -> Iterator[None]:
        """A step that is timed, and told to whoever looks on."""
        progress.begin(name, rows)
        yield
        seconds = progress.end()
        self.steps[name] = {"seconds": round(seconds, 3)}
        if progress.rows:
            rate = round(progress.rows / max(seconds, 1e-9))
            self.steps[name] |= {"rows": progress.rows, "rows_per_second": rate}

    def take(self, findings: Findings) -> None:
        """What the scan found."""
        first = [offender.as_json() for offender in findings.offenders]
        self.offenders = {"rows": findings.total, "rules": findings.rules, "first": first}

    def end(self, error: MigrationError | None, sentence: str = "") -> None:
        """The outcome."""
        self.code, self.sentence = Exit.DONE, sentence
        if error is not None:
            self.code, self.sentence, self.details = error.code, str(error), error.details

    def as_json(self) -> dict[str, Any]:
        """See the top of this file. What is empty is left out."""
        book = self.journal
        content: dict[str, Any] = {
            "command": self.command,
            "result": _RESULTS.get(Exit(self.code), "refused"),
            "code": int(self.code),
            "sentence": self.sentence,
            "kind": self.kind,
            "revision": self.revision,
            "target": self.target,
            "began": round(self.began, 3),
            "seconds": round(time.time() - self.began, 3),
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "steps": self.steps,
            "sequences": self.sequences,
            "compared": self.compared,
            "offenders": self.offenders,
            "newer": self.newer,
            "details": self.details,
        }
        if book is not None:
            content |= {"phase": book.phase.value, "source": vars(book.source) if book.source else {}}
        if book is not None and book.copy is not None:
            copy = book.copy
            content |= {"rows": copy.rows, "tables": copy.tables, "quarantined": copy.quarantined}
            content["left_out"] = copy.left_out
        return {name: value for name, value in content.items() if value not in ({}, [], "")}

    def leave(self, settings: Settings | None, progress: Progress) -> None:
        """Puts the report where it outlives the pod; see the package's docstring. The log always has it."""
        content = self.as_json()
        if settings is not None:
            try:
                files.write_json(settings.report, content)
            except OSError as error:
                progress.say(
                    f"{settings.report} could not be written ({error.strerror}): the report is in the log only."
                )
            with contextlib.suppress(OSError):
                if settings.termination_log.exists():
                    settings.termination_log.write_text(_short(content), encoding="utf-8")
        packed = base64.b64encode(gzip.compress(json.dumps(content).encode(), mtime=0)).decode()
        progress.say(f"report: {packed}")


def _short(content: dict[str, Any]) -> str:
    """Valid JSON of less than what Kubernetes keeps of a termination message."""
    left = dict(content)
    for name in ("", *_LISTS):
        left.pop(name, None)
        text = json.dumps(left)
        if len(text) < _TERMINATION_BYTES:
            return text
    left["sentence"] = left["sentence"][:500]
    return json.dumps(left)


def table_of(copy: Copy) -> list[str]:
    """For people: each table that has rows, with its digest."""
    filled = {name: told for name, told in sorted(copy.tables.items()) if told["rows"]}
    width = max([len(name) for name in filled] + [5])
    lines = [f"{'table':<{width}}  {'rows':>12}  digest, equal on both sides"]
    lines += [f"{name:<{width}}  {told['rows']:>12,}  {told['digest']}" for name, told in filled.items()]
    empty = len(copy.tables) - len(filled)
    return [*lines, f"{'all':<{width}}  {copy.rows:>12,}  {len(filled)} tables; {empty} more are empty"]
