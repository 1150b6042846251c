"""What is aimed at, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TABLE_HEAD = "| aim | measured | reached |\n| --- | --- | --- |"


@dataclass(frozen=True)
class Aim:
    """A figure that is not to be passed, or (is_least) to be reached. measured: None where there is none."""

    what: str
    aim: float
    measured: float | None
    unit: str = ""
    is_least: bool = False

    @property
    def is_reached(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured >= self.aim if self.is_least else self.measured <= self.aim

    def row(self) -> str:
        """A row of a Markdown table."""
        bound = "at least" if self.is_least else "at most"
        found = "not measured" if self.measured is None else f"{self.measured:.2f}{self.unit}"
        told = {True: "yes", False: "**no**", None: "not measured"}[self.is_reached]
        return f"| {self.what}: {bound} {self.aim:g}{self.unit} | {found} | {told} |"


def table(aims: Iterable[Aim]) -> str:
    """Every aim and whether it was reached."""
    return "\n".join([TABLE_HEAD, *(aim.row() for aim in aims)])
