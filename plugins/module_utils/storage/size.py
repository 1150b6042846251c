"""Sizes as Kubernetes writes them (10Gi, 500M), in bytes."""

from __future__ import annotations

import re

_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_UNITS |= {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}
_SIZE = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<unit>[A-Za-z]*)")


def size_in_bytes(text: str) -> int:
    """Bytes in `text`; ValueError with a reason where it is no size."""
    match = _SIZE.fullmatch(str(text).strip())
    if match is None or match["unit"] not in _UNITS:
        raise ValueError(f"{text!r} is not a size such as 500M or 10Gi")
    return int(float(match["number"]) * _UNITS[match["unit"]])
