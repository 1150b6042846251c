"""Files as blocks: what of a file another place has not, so that a second copy sends only what has changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import BinaryIO

SIZE = 1 << 18
_DIGEST = 16


def digest_of(block: bytes) -> bytes:
    """16 bytes that stand for a block."""
    return hashlib.blake2b(block, digest_size=_DIGEST).digest()


def digests(stream: BinaryIO) -> bytes:
    """Those of every block of a file, one after the other."""
    stream.seek(0)
    return b"".join(digest_of(block) for block in iter(lambda: stream.read(SIZE), b""))


def differing(stream: BinaryIO, known: bytes, whole: hashlib._Hash) -> Iterator[tuple[int, bytes]]:
    """(number, block) of those that are not as `known` has them. whole: takes in the whole file."""
    stream.seek(0)
    for number, block in enumerate(iter(lambda: stream.read(SIZE), b"")):
        whole.update(block)
        if digest_of(block) != known[number * _DIGEST : (number + 1) * _DIGEST]:
            yield number, block


def sha256_of(path: str) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(SIZE), b""):
            digest.update(block)
    return digest.hexdigest()


def sync(path: str) -> None:
    """What was written to a file or a folder survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
