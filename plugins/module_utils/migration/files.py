"""Files that survive a power cut, and digests of files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

BLOCK = 1 << 20


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Puts `content` at `path` whole or not at all, and for good; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=1)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)
    sync_folder(path.parent)


def read_json(path: Path) -> dict[str, Any] | None:
    """What write_json wrote; None where there is nothing."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return content


def sync_folder(folder: Path) -> None:
    """A file's new name in `folder` survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(path: Path) -> str:
    """SHA-256 of the file's bytes, as hexadecimal digits."""
    with path.open("rb") as stream:
        return digest_of_stream(stream)


def digest_of_stream(stream: BinaryIO) -> str:
    """SHA-256 of what is left of it."""
    digest = hashlib.sha256()
    while block := stream.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def copy_with_digest(source: BinaryIO, target: Path) -> str:
    """Copies what is left of `source` to `target`, for good; gives the SHA-256 of what was read.

    The copy is then read again from the disk and not from memory, and must be the same. Raises OSError.
    """
    digest = hashlib.sha256()
    with open(os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b", buffering=0) as copy:
        while block := source.read(BLOCK):
            digest.update(block)
            copy.write(block)
        os.fsync(copy.fileno())
        os.posix_fadvise(copy.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    sync_folder(target.parent)
    if digest_of(target) != digest.hexdigest():
        raise OSError(f"{target} does not hold what was written to it")
    return digest.hexdigest()
