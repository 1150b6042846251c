"""Values of a finding, cut to what can be shown: of two long texts, what begins where they differ."""

from __future__ import annotations

from typing import Any

JSON = Any


def from_where_they_differ(expected: JSON, found: JSON, longest: int) -> tuple[JSON, JSON]:
    """Both without the beginning that they share, where one of them is longer than so many characters."""
    if not (isinstance(expected, str) and isinstance(found, str)) or max(len(expected), len(found)) <= longest:
        return expected, found
    pairs = enumerate(zip(expected, found, strict=False))
    shared = next((at for at, (one, other) in pairs if one != other), min(len(expected), len(found)))
    before = expected[:shared]
    # The whole line that they differ in, or the word, unless it is long itself.
    starts = (before.rfind("\n") + 1, before.rfind(" ") + 1, shared - longest // 2)
    begins = next(start for start in starts if shared - start <= longest // 2)
    return (f"...{expected[begins:]}", f"...{found[begins:]}") if begins else (expected, found)


def shortened(value: JSON, longest: int) -> JSON:
    """A value without the rest of long texts in it."""
    if isinstance(value, str) and len(value) > longest:
        return f"{value[:longest]}... ({len(value) - longest} more characters)"
    if isinstance(value, dict):
        return {key: shortened(part, longest) for key, part in value.items()}
    return [shortened(part, longest) for part in value] if isinstance(value, list) else value
