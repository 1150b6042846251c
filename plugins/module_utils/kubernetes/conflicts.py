"""Reading a conflict of server-side apply: which field belongs to which manager, and since when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import ApiError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.field_paths import from_server

JSON = Any

# apimachinery managedfields/internal/conflict.go: `conflict with "kubectl" with subresource "scale" using v1 at ...`
_CONFLICT = re.compile(
    r'conflict with "(?P<manager>[^"]+)"(?: with subresource "[^"]+")?(?: using \S+)?(?: at (?P<time>\S+))?'
)


@dataclass(frozen=True)
class Conflict:
    """One field of another manager's. since: when it last wrote, empty where the server does not say."""

    path: str
    manager: str
    since: str

    def __str__(self) -> str:
        return f"{self.path} belongs to {self.manager}" + (f" since {self.since}" if self.since else "")


def conflicts_in(error: ApiError, live: Mapping[str, JSON] | None = None) -> list[Conflict]:
    """The conflicts an API error tells of; none for any other error. `live` knows since when."""
    if error.status != 409:
        return []
    found = []
    for cause in error.causes:
        match = _CONFLICT.search(str(cause.get("message", "")))
        if match and cause.get("reason") == "FieldManagerConflict":
            path = from_server(str(cause.get("field", "")))
            found.append(Conflict(path, match["manager"], match["time"] or _last_write(live, match["manager"])))
    return found


def _last_write(live: Mapping[str, JSON] | None, manager: str) -> str:
    entries = live["metadata"].get("managedFields") or [] if live else []
    return max((str(entry.get("time", "")) for entry in entries if entry["manager"] == manager), default="")
