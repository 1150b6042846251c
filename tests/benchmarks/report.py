"""The page of results: a section for each subject, of which one can be written anew without the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_HEAD = """\
# Benchmarks

Written by `make benchmark`, which measures all sides of a subject in turn, in one run, on one machine. Compare within
a section only: sections may be of different days.
"""


class Report:
    """Keeps the sections in the order of `titles`; what is of no known title goes."""

    def __init__(self, path: Path, titles: Sequence[str]) -> None:
        self._path, self._titles = path, titles

    def write(self, title: str, text: str) -> None:
        """Writes one section."""
        sections = {**self._sections(), title: text}
        parts = [f"## {each}\n\n{sections[each].strip()}\n" for each in self._titles if each in sections]
        self._path.write_text("\n".join([_HEAD, *parts]), encoding="utf-8")

    def _sections(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        _head, *parts = re.split(r"^## ", self._path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        return {title: text for title, _newline, text in (part.partition("\n") for part in parts)}
