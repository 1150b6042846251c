"""Secrets that are easy to find again: however a value is quoted or encoded, its letters and digits stay together."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LETTERS = string.ascii_letters + string.digits
# What stands between the findable parts of a value.
SHAPES = {
    "plain": "{}",
    "quotes": "{}\"'`{}",
    "lines": "{}\n{}\n{}",
    "unicode": "{}ü€😀{}",
    "percent": "{}%25%&+={}",
    "markup": "{}<&>{}",
    "backslash": "{}\\n\\{}",
    "spaces": "{} {}",
    "url": "{}/?#@:{}",
    "templates": "{}$(x)$y{}",
}


@dataclass(frozen=True)
class Canary:
    """A value, and the parts of it by which it is found."""

    value: str
    cores: tuple[str, ...]


class Aviary:
    """Makes canaries by a seed, and looks for all of them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.canaries: list[Canary] = []

    def canary(self, shape: str = "plain") -> str:
        """The value of a new one."""
        pattern = SHAPES[shape]
        cores = tuple(self._core() for _ in range(pattern.count("{}")))
        self.canaries.append(Canary(pattern.format(*cores), cores))
        return self.canaries[-1].value

    def adopt(self, value: str) -> None:
        """Looks for a value too that was made elsewhere, such as a generated one."""
        self.canaries.append(Canary(value, (value,)))

    def found_in(self, text: str) -> list[str]:
        """Each canary of which a part is in the text, in any spelling."""
        return [
            f"{canary.value!r} as {spelling!r}"
            for canary in self.canaries
            for core in canary.cores
            for spelling in _spellings(core)
            if spelling in text
        ]

    def _core(self) -> str:
        return self._random.choice(string.ascii_letters) + "".join(self._random.choices(_LETTERS, k=13))


def _spellings(core: str) -> Iterator[str]:
    """Raw, in base64 and in base64 twice, at any place of what is encoded."""
    once = list(_in_base64([core]))
    yield from [core, *once, *_in_base64(once)]


def _in_base64(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for before in range(3):
            encoded = base64.b64encode(bytes(before) + text.encode()).decode()
            sure = encoded[(0, 2, 3)[before] : (before + len(text)) * 8 // 6]
            yield from {sure, sure.replace("+", "-").replace("/", "_")}
