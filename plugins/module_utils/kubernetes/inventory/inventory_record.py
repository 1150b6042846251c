"""The ConfigMap in which a set's inventory lies: read with the live objects, written only as it was read.

Each write names the version it follows, so that of two runs at once the second one stops with a clear sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import changed_paths
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import (
    LARGEST,
    Inventory,
    InventoryName,
)

JSON = Any

_KEY = "objects"
_LABELS = {"app.kubernetes.io/managed-by": "mlops.tracking", "app.kubernetes.io/component": "inventory"}
_MERGE = "application/merge-patch+json"


class InventoryRecord:
    """One set's inventory: what it held when it was read, or last written from here."""

    def __init__(
        self, cluster: Cluster, name: InventoryName, field_manager: str, live: Mapping[str, JSON] | None
    ) -> None:
        self.name = name
        self.live = live
        self.held = _parsed(name, live)
        self._cluster = cluster
        self._field_manager = field_manager

    def changes(self, wanted: Inventory) -> list[str]:
        """The paths that writing `wanted` would change; none where it lies there already."""
        if self.live is None:
            return []
        return changed_paths(_content(self.live), _content(self.body(wanted)))

    def body(self, wanted: Inventory) -> dict[str, JSON]:
        """The ConfigMap as it would be."""
        before = self.live or {"metadata": {"name": self.name.name, "namespace": self.name.namespace}}
        metadata = {**before["metadata"], "labels": {**(before["metadata"].get("labels") or {}), **_LABELS}}
        data = dict(before.get("data") or {})
        if self.live is None or wanted != self.held:
            data[_KEY] = wanted.text
        return {**before, "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}

    def check_size(self, wanted: Inventory) -> None:
        """Raises InvalidInput where a ConfigMap cannot hold that much."""
        if wanted != self.held and wanted.largest_size > LARGEST:
            raise InvalidInput(
                "inventory",
                f"{self.name} would hold {len(wanted)} objects in {wanted.largest_size} bytes, and a ConfigMap holds "
                f"{LARGEST}",
                "Split the set in two, each with an inventory of its own",
            )

    def write(self, wanted: Inventory, *, dry_run: bool = False) -> None:
        """Writes it, unless it lies there already; one that holds nothing is deleted.

        Raises TrackingError, also when another run wrote in between.
        """
        if not len(wanted):
            self._delete(dry_run)
            return
        if self.live is not None and not self.changes(wanted):
            return
        try:
            answer = self._create(wanted, dry_run) if self.live is None else self._patch(wanted, dry_run)
        except ApiError as error:
            if dry_run and error.status == 404 and self.live is None:
                return  # its namespace is still to be made, by another set of the same run
            raise self._explained(error) from None
        if not dry_run:
            self.live, self.held = answer, wanted

    def _delete(self, dry_run: bool) -> None:
        if self.live is None:
            return
        metadata = self.live["metadata"]
        seen = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": seen}
        try:
            self._cluster.request("DELETE", self._path, query=_dry(dry_run), body=options)
        except ApiError as error:
            if error.status != 404:
                raise self._explained(error) from None
        if not dry_run:
            self.live, self.held = None, Inventory()

    @property
    def _collection(self) -> str:
        return f"/api/v1/namespaces/{self.name.namespace}/configmaps"

    @property
    def _path(self) -> str:
        return f"{self._collection}/{self.name.name}"

    def _query(self, dry_run: bool) -> dict[str, str]:
        return {"fieldManager": self._field_manager, **_dry(dry_run)}

    def _create(self, wanted: Inventory, dry_run: bool) -> JSON:
        # not an apply: that would write over what another run has just made
        try:
            return self._cluster.request(
                "POST", self._collection, query=self._query(dry_run), body=self.body(wanted), is_repeatable=True
            )
        except ApiError as error:
            return self._own_write(error, wanted)

    def _patch(self, wanted: Inventory, dry_run: bool) -> JSON:
        before: Mapping[str, JSON] = self.live or {}
        while True:
            version = before["metadata"]["resourceVersion"]
            patch = {"metadata": {"labels": _LABELS, "resourceVersion": version}, "data": {_KEY: wanted.text}}
            try:
                return self._cluster.request(
                    "PATCH", self._path, query=self._query(dry_run), body=patch, content_type=_MERGE
                )
            except ApiError as error:
                after = self._own_write(error, wanted, before)
                if _content(after) == _content(self.body(wanted)):
                    return after
                before = after

    def _own_write(self, error: ApiError, wanted: Inventory, before: Mapping[str, JSON] | None = None) -> JSON:
        """The ConfigMap where a conflict is none: a first try of ours came through, or only its metadata changed."""
        after = self._cluster.get(self._path) if error.status == 409 else None
        if after is not None:
            is_ours = error.tries > 1 and _content(after) == _content(self.body(wanted))
            is_untouched = before is not None and _is_same(after, before)
            if is_ours or is_untouched:
                return after
        raise error

    def _explained(self, error: ApiError) -> TrackingError:
        if error.status == 409 or (error.status == 404 and self.live is not None):
            did = "written" if error.status == 409 else "deleted"
            return TrackingError(
                f"Inventory {self.name} was {did} by another run in between",
                why="two runs over one set at once would undo each other",
                mend="Let the other run end, then run this one again",
                inventory=str(self.name),
            )
        if error.status == 404:
            return TrackingError(
                f"Inventory {self.name} cannot be written",
                why=f"there is no namespace {self.name.namespace}",
                mend="Describe the namespace in the same set, or name one that exists in option inventory",
                inventory=str(self.name),
            )
        return TrackingError(
            f"Inventory {self.name} cannot be written",
            why=f"{error.status} {error.reason}: {error.message}",
            mend=error.mend,
            inventory=str(self.name),
        )


def _parsed(name: InventoryName, live: Mapping[str, JSON] | None) -> Inventory:
    if live is None:
        return Inventory()
    text = (live.get("data") or {}).get(_KEY)
    if text is None:
        raise InvalidInput(
            "inventory", f"ConfigMap {name} is there and is no inventory", "Name a ConfigMap of the set's own"
        )
    try:
        return Inventory.parse(text)
    except ValueError as error:
        raise TrackingError(
            f"Inventory {name} cannot be read",
            why=f"{error}: somebody has edited it",
            mend="Correct that line of its key objects, or take the line out if its object is to stay where it is",
            inventory=str(name),
        ) from None


def _content(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """What of the ConfigMap is ours."""
    labels = body["metadata"].get("labels") or {}
    ours = {key: labels[key] for key in _LABELS if key in labels}
    return {"metadata": {"labels": ours}, "data": {_KEY: (body.get("data") or {}).get(_KEY)}}


def _dry(is_dry: bool) -> dict[str, str]:
    return {"dryRun": "All"} if is_dry else {}


def _is_same(one: Mapping[str, JSON], other: Mapping[str, JSON]) -> bool:
    """The same object with the same data."""
    return bool(one["metadata"]["uid"] == other["metadata"]["uid"]) and one.get("data") == other.get("data")
