"""JSON pointers (RFC 6901) as rules: `/spec/replicas`, `/metadata/annotations/example.com~1a`."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import Path

JSON = Any

_POINTER = re.compile(r"(/([^~/]|~[01])+)+", re.DOTALL)
_PLACE = re.compile(r"0|[1-9][0-9]*")


def parse(pointer: str) -> tuple[str, ...]:
    """Its parts, unescaped. Raises InvalidInput; the pointer to the whole object is none of a field."""
    if not _POINTER.fullmatch(pointer):
        raise InvalidInput(
            "ignore", f"{pointer!r} is not a JSON pointer to a field", "Write pointers as /spec/replicas (RFC 6901)"
        )
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def find(parts: tuple[str, ...], document: JSON) -> list[Path]:
    """The path it points to in a document; none where there is nothing."""
    path: Path = ()
    for part in parts:
        if isinstance(document, dict) and part in document:
            path, document = (*path, part), document[part]
        elif isinstance(document, list) and _PLACE.fullmatch(part) and int(part) < len(document):
            path, document = (*path, int(part)), document[int(part)]
        else:
            return []
    return [path]
