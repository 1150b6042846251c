"""The last reports of one cluster, kept in a ConfigMap there: a key each, named by when its check began."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import InventoryName

JSON = Any

_VARIABLE = "drift_report_config_map"
_LARGEST = 1_000_000  # bytes of all reports together; a ConfigMap holds 2**20 of data
_MANAGER = "mlops.tracking"


@dataclass(frozen=True)
class ReportRecord:
    """What lies there, and what will: the newest report and as many before it as are kept and fit in."""

    name: InventoryName
    live: Mapping[str, JSON] | None
    data: Mapping[str, str]

    @classmethod
    def read(cls, cluster: Cluster, name: str, report: str, keep: int) -> ReportRecord:
        """Plans to add a report. Raises InvalidInput, ApiError."""
        if keep < 1:
            raise InvalidInput("drift_reports_kept", f"{keep} is less than 1", "Keep one report at least")
        try:
            place = InventoryName.parse(name)
        except InvalidInput:
            raise InvalidInput(
                _VARIABLE, f"{name!r} is not a namespace and the name of a ConfigMap", "Write it as namespace/name"
            ) from None
        live = cluster.get(_path(place))
        content: dict[str, JSON] = json.loads(report)
        key = str(content["started"]).replace(":", "-")
        newest = _compact(content)
        if len(newest.encode()) > _LARGEST:
            newest = _compact({**content, "findings": [], "ignored": [], "is_cut": True})
        return cls(place, live, _kept((live or {}).get("data") or {}, key, newest, keep))

    @property
    def row(self) -> Result:
        """What becomes of the ConfigMap."""
        before = set((self.live or {}).get("data") or {})
        action = Action.CREATED if self.live is None else Action.CHANGED
        return Result(self.name.reference, action, sorted(f"data[{key}]" for key in before ^ set(self.data)))

    def write(self, cluster: Cluster) -> None:
        """Writes it: a merge patch, which names what goes. Raises TrackingError."""
        gone = dict.fromkeys(set((self.live or {}).get("data") or {}) - set(self.data))
        query = {"fieldManager": _MANAGER}
        try:
            if self.live is None:
                metadata = {"name": self.name.name, "namespace": self.name.namespace}
                body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(self.data)}
                cluster.request("POST", _path(self.name).rpartition("/")[0], query=query, body=body)
            else:
                patch = {"data": {**self.data, **gone}}
                cluster.request(
                    "PATCH", _path(self.name), query=query, body=patch, content_type="application/merge-patch+json"
                )
        except ApiError as error:
            raise TrackingError(
                f"The report cannot be kept in ConfigMap {self.name}",
                why=f"{error.status} {error.reason}: {error.message}",
                mend=error.mend or f"Name a ConfigMap in a namespace that exists in variable {_VARIABLE}",
            ) from None


def _kept(before: Mapping[str, str], key: str, newest: str, keep: int) -> dict[str, str]:
    """The newest report, and those before it that are still kept, the latest ones first as long as they fit in."""
    kept, size = {key: newest}, len(newest.encode())
    for name in sorted(set(before) - {key}, reverse=True)[: keep - 1]:
        size += len(before[name].encode())
        if size > _LARGEST:
            break
        kept[name] = before[name]
    return kept


def _compact(content: JSON) -> str:
    return json.dumps(content, separators=(",", ":"))


def _path(name: InventoryName) -> str:
    return f"/api/v1/namespaces/{name.namespace}/configmaps/{name.name}"
