"""The name of an object on a cluster: version, kind, namespace and name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NAMED = 5


@dataclass(frozen=True, order=True)
class Reference:
    """Which object is meant. `namespace` is empty for an object of the whole cluster."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Reference:
        """The reference of a manifest or a live object that is known to be whole."""
        metadata = manifest["metadata"]
        return cls(manifest["apiVersion"], manifest["kind"], metadata.get("namespace") or "", metadata["name"])

    @property
    def group(self) -> str:
        """The API group; empty for the core kinds."""
        return self.api_version.rpartition("/")[0]

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}"


def named(references: Sequence[Reference]) -> str:
    """The names of those objects, the first few of many."""
    names = ", ".join(str(each) for each in references[:_NAMED])
    return names + (f" and {len(references) - _NAMED} more" if len(references) > _NAMED else "")
