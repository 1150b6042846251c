"""The secrets of a run, and texts without them.

A text is looked through once, however many secrets are known: their spellings are kept by their first three
characters.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.secret_spellings import (
    encodings,
    spellings,
)

_START = 3
_FEWEST_IN_A_WORD = 8
_FEWEST_AS_A_WORD = 4
_FEWEST_OF_A_CUT = 12
_FEWEST_AT_THE_END = 6
_CUT = ".… "
_QUOTES = ('"', "'", "`")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
# Said in any text, whoever's password they may be.
_WORDS = """
access admin administrator allow always anonymous bucket cluster changeit changeme custom database debug default
disabled enabled error example false grafana guest hidden http https info internal kubernetes latest local localhost
main minioadmin minio mlflow monitoring mysql never none null opaque password password1 postgres postgresql
private production prometheus public redis release required root secret secrets server service sqlite staging
storage system test testing token tracking training true undefined unknown user username value warning
us-east-1 us-east-2 us-west-1 us-west-2 eu-west-1 eu-central-1
"""
EVERYDAY = frozenset(_WORDS.split())


class KnownSecrets:
    """What is known, spelled in every way, with what is shown instead.

    A value of 8 characters or more is hidden wherever it stands. One of 4 to 7 is hidden as a word. A shorter one, a
    short number and an everyday word are hidden where a text quotes them. What the set's objects are called is never
    hidden: whoever reads `Deployment (hidden 1a2b3c4d)` would know the value.
    """

    def __init__(self) -> None:
        self._starts: dict[str, list[_Spelling]] = {}
        self._values: set[bytes] = set()
        self._public: set[str] = set()

    def add(self, value: bytes, shown: str) -> None:
        """Takes a value in."""
        if not value or value in self._values:
            return
        self._values.add(value)
        for spelling in _spelled(value, shown):
            same_start = self._starts.setdefault(spelling.text[:_START], [])
            bisect.insort(same_start, spelling, key=lambda each: -len(each))

    def call_public(self, words: Iterator[str]) -> None:
        """Words that are no secret, whatever a Secret holds."""
        self._public.update(words)

    def hide(self, text: str) -> str:
        """The text without what is known."""
        last, end = len(text) - _START + 1, len(text.rstrip(_CUT))
        if not self._starts or self._starts.keys().isdisjoint({text[at : at + _START] for at in range(last)}):
            return text
        parts, kept, at = [], 0, 0
        while at < last:
            shown, length = self._found(text, at, end)
            if length:
                parts += [text[kept:at], shown]
                kept = at + length
            at += length or 1
        return "".join([*parts, text[kept:]])

    def _found(self, text: str, at: int, end: int) -> tuple[str, int]:
        """What to show instead of how many characters; 0 where nothing is known to begin there. end: of the text."""
        same_start = [each for each in self._starts.get(text[at : at + _START], ()) if each.value not in self._public]
        for spelling in same_start:
            if text.startswith(spelling.text, at) and spelling.may_stand(text, at):
                return spelling.shown, len(spelling)
        # Who quotes may cut: an event's message, a log's line.
        cuts = [(spelling.cut_at(text, at, end), spelling) for spelling in same_start if not spelling.is_word]
        length, longest = max(cuts, key=lambda cut: cut[0], default=(0, None))
        return (longest.shown, length) if longest else ("", 0)


class _Spelling:
    """One spelling of one value. is_word: it is none within a longer word."""

    __slots__ = ("is_word", "shown", "text", "value")

    def __init__(self, text: str, shown: str, value: str, *, is_word: bool) -> None:
        self.text, self.shown, self.value, self.is_word = text, shown, value, is_word

    def __len__(self) -> int:
        return len(self.text)

    def may_stand(self, text: str, at: int) -> bool:
        """Whether it is the value that stands there."""
        if not self.is_word:
            return True
        end = at + len(self.text)
        return not (at > 0 and text[at - 1] in _WORD) and not (end < len(text) and text[end] in _WORD)

    def cut_at(self, text: str, at: int, end: int) -> int:
        """How many of its first characters stand there, if they are enough to be no chance."""
        if not text.startswith(self.text[:_FEWEST_AT_THE_END], at):
            return 0
        there = text[at : at + len(self.text)]
        length = next(place for place in range(len(there), 0, -1) if self.text.startswith(there[:place]))
        return length if length >= _FEWEST_OF_A_CUT or at + length == end else 0


def _spelled(value: bytes, shown: str) -> Iterator[_Spelling]:
    text = value.decode("utf-8", "replace")
    length, bare = len(text), text.strip()
    if length < _FEWEST_AS_A_WORD or bare.lower() in EVERYDAY or (bare.isdecimal() and length < _FEWEST_IN_A_WORD):
        for quote in _QUOTES:
            yield from (
                _Spelling(f"{quote}{each}{quote}", f"{quote}{shown}{quote}", text, is_word=False)
                for each in (text, text.replace('"', '\\"'))
            )
        yield _Spelling(f'\\"{text}\\"', f'\\"{shown}\\"', text, is_word=False)
        every = frozenset(encodings(value))
    else:
        every = spellings(value)
    for spelling in every:
        if len(spelling) >= _FEWEST_AS_A_WORD:
            yield _Spelling(spelling, shown, text, is_word=min(len(spelling), length) < _FEWEST_IN_A_WORD)
