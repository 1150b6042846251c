"""The `permissions` of a role's meta/preflight.yml, each entry as resources in one namespace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

JSON = Any


def expanded(permissions: Iterable[Mapping[str, JSON]]) -> Iterator[dict[str, JSON]]:
    """Entries that say `copied`, a list of Secrets (namespace/name) that are copied, as the reading of each."""
    for entry in permissions:
        if "copied" not in entry:
            yield dict(entry)
            continue
        for secret in entry["copied"]:
            namespace, _, name = str(secret).partition("/")
            yield {"namespace": namespace, "resources": ["secrets"], "names": [name], "verbs": ["get"]}
