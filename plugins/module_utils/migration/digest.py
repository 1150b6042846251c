"""A digest of rows that does not depend on their order, but on each of them and on how often it occurs.

Each row's bytes are hashed to 128 bits and the hashes added up modulo 2**128: two tables with the same rows have the
same sum in whatever order they are read, and a row that is missing, changed or there twice changes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MODULUS = 1 << 128
_EMPTY = hashlib.blake2b(digest_size=16, person=b"migration row")


@dataclass
class Digest:
    """Of the rows that were added so far."""

    rows: int = 0
    total: int = 0

    def add(self, rows: Iterable[bytes]) -> None:
        """Adds rows, each as the bytes of its tuple in PostgreSQL's binary COPY format."""
        copy, to_number = _EMPTY.copy, int.from_bytes
        count = total = 0
        for row in rows:
            one = copy()
            one.update(row)
            total += to_number(one.digest(), "big")
            count += 1
        self.rows += count
        self.total = (self.total + total) % MODULUS

    def merge(self, other: Digest) -> None:
        """Adds the rows of another part of the same table."""
        self.rows += other.rows
        self.total = (self.total + other.total) % MODULUS

    @property
    def text(self) -> str:
        """As 32 hexadecimal digits."""
        return f"{self.total:032x}"

    def as_json(self) -> dict[str, Any]:
        """As the journal and the report have it."""
        return {"rows": self.rows, "digest": self.text}
