"""Reading a conflict of server-side apply: which field belongs to which manager, and since when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.field_paths import from_server, is_under
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import entries

JSON = Any

# apimachinery managedfields/internal/conflict.go: `conflict with "kubectl" with subresource "scale" using v1 at ...`
_CONFLICT = re.compile(
    r'conflict with "(?P<manager>[^"]+)"(?: with subresource "[^"]+")?(?: using \S+)?(?: at (?P<time>\S+))?'
)


@dataclass(frozen=True)
class Conflict:
    """One field of another manager's. field: as the server writes it; path: as we do.

    since: when that manager last wrote, empty where it is not known.
    """

    path: str
    manager: str
    since: str
    field: str

    def is_under(self, parents: Sequence[str]) -> bool:
        """Whether it is one of these paths, in either notation, or lies below one."""
        return is_under(self.path, parents) or is_under(self.field, parents)

    def __str__(self) -> str:
        return f"{self.path} belongs to {self.manager}" + (f" since {self.since}" if self.since else "")


def conflicts_in(error: ApiError, live: Mapping[str, JSON] | None = None) -> list[Conflict]:
    """The conflicts an API error tells of; none for any other error.

    live: the object; it knows since when, and how its lists are numbered.
    """
    if error.status != 409:
        return []
    found = []
    for cause in error.causes:
        match = _CONFLICT.search(str(cause.get("message", "")))
        if match and cause.get("reason") == "FieldManagerConflict":
            field, manager = str(cause.get("field", "")), match["manager"]
            since = match["time"] or _last_write(live, manager)
            found.append(Conflict(from_server(field, live), manager, since, field))
    return found


def _last_write(live: Mapping[str, JSON] | None, manager: str) -> str:
    held = entries(live) if live else []
    return max((str(entry.get("time", "")) for entry in held if entry["manager"] == manager), default="")
