"""What a set's inventory means for one run: who belongs to it, who is pruned, and what it holds afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.live import read_live
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.served import as_served
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.delete import (
    predict_deletion,
    why_it_stays,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import (
    ANNOTATION,
    Entry,
    Identity,
    Inventory,
    InventoryName,
    identity,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory_record import (
    InventoryRecord,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.leaving import lingers
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.prune import owner_of, why_not_ours
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import InvalidManifest, Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any
Uids = Mapping[Reference, str]

_LATER = "no longer described; left to a later call (prune: false)"
_NOT_MADE_YET = "(new)"  # stands for the uid in a prediction


def claimed(manifests: Sequence[Manifest], live: Mapping[Reference, JSON], inventory: InventoryName) -> list[Manifest]:
    """The manifests with the annotation that makes them the inventory's.

    Sets may share a namespace: it stays with the inventory that had it first, or each run would take it over.
    """
    return [_claimed(manifest, live.get(manifest.reference), inventory) for manifest in manifests]


def _claimed(manifest: Manifest, live: Mapping[str, JSON] | None, inventory: InventoryName) -> Manifest:
    if manifest.reference == inventory.reference:
        raise InvalidManifest(
            manifest.source, f"{manifest.reference} is the set's inventory", "Take it out of the set, or rename one"
        )
    shared = owner_of(live) if live is not None and manifest.reference.kind == "Namespace" else ""
    metadata = manifest.body["metadata"]
    annotations = {**(metadata.get("annotations") or {}), ANNOTATION: shared or str(inventory)}
    return replace(manifest, body={**manifest.body, "metadata": {**metadata, "annotations": annotations}})


@dataclass(frozen=True)
class InventoryPlan:
    """One run's view of an inventory.

    others: what becomes of the objects in it that are no longer described. staying: what else remains in it, because
    it is kept, or takes a while to go and is not waited for.
    """

    record: InventoryRecord
    others: Sequence[Prediction]
    staying: frozenset[Identity]

    def union(self, predictions: Sequence[Prediction]) -> Inventory:
        """What it must hold before the described objects are written: all that is and all that may come to be."""
        return self.record.held.joined(_entries(self._ours(predictions), _live_uids(predictions)))

    def final(self, predictions: Sequence[Prediction], uids: Uids) -> Inventory:
        """What it holds once all is done; `uids` of the described objects."""
        remaining = self.record.held.only(lambda entry: identity(entry.reference) in self.staying)
        return remaining.joined(_entries(self._ours(predictions), uids))

    def predicted(self, predictions: Sequence[Prediction]) -> Inventory:
        """What it will hold, as far as can be told."""
        new = {each.reference: _NOT_MADE_YET for each in predictions if each.action is Action.CREATED}
        return self.final(predictions, {**_live_uids(predictions), **new})

    def settled(self, predictions: Sequence[Prediction]) -> Inventory:
        """What it holds without what is pruned, where the described objects were applied by an earlier call."""
        described = {identity(each.reference) for each in predictions}
        remaining = self.record.held.only(
            lambda entry: identity(entry.reference) in self.staying | described,
        )
        name = str(self.record.name)
        ours = [each for each in predictions if each.live is not None and owner_of(each.live) == name]
        return remaining.joined(_entries(ours, _live_uids(ours)))

    def of_absent(self, predictions: Sequence[Prediction], *, awaits: bool) -> InventoryPlan:
        """The plan for taking the described objects away too: what of them is kept remains in the inventory.

        An inventory whose own namespace is deleted goes with it.
        """
        name = str(self.record.name)
        kept = {
            identity(each.reference)
            for each in predictions
            if each.live is not None
            and owner_of(each.live) == name
            and (each.action is Action.KEPT or (lingers(each.live) and not awaits))
        }
        home = self.record.name.home
        takes_all = any(
            each.reference == home and each.action is Action.DELETED for each in [*predictions, *self.others]
        )
        return replace(self, staying=frozenset() if takes_all else self.staying | kept)

    def row(self, wanted: Inventory) -> Prediction:
        """What becomes of the ConfigMap itself when it is to hold `wanted`; one that holds nothing is not kept."""
        record, live = self.record, self.record.live
        after = record.body(wanted) if len(wanted) else None
        manifest = Manifest(record.name.reference, after or live or {}, f"Inventory {record.name}")
        if live is None or after is None:
            return Prediction(manifest, Action.between(live, after), live, after)
        changes = record.changes(wanted)
        action = Action.CHANGED if changes else Action.UNCHANGED
        return Prediction(manifest, action, live, after, changes)

    def _ours(self, predictions: Sequence[Prediction]) -> list[Prediction]:
        name = str(self.record.name)
        return [each for each in predictions if owner_of(each.manifest.body) == name]


def plan_inventory(
    cluster: Cluster,
    resources: Resources,
    record: InventoryRecord,
    described: Mapping[Reference, JSON],
    also_delete: frozenset[str],
    *,
    field_manager: str,
    threads: int,
    awaits: bool,
    prunes: bool = True,
) -> InventoryPlan:
    """Reads the objects of the inventory that are not described (references to live objects, None for none).

    prunes: false where they are left to a later call.
    """
    known = Inventory.of(Entry(reference) for reference in described)
    taken = {body["metadata"]["uid"] for body in described.values() if body is not None}
    missing = [entry for entry in record.held if not known.holds(entry.reference) and entry.uid not in taken]
    reached = {entry: as_served(cluster, resources, entry.reference) for entry in missing}
    live = read_live(cluster, resources, [each for each in reached.values() if each is not None], threads)
    others, staying = [], set()
    for entry, reference in reached.items():
        seen = live.get(reference) if reference is not None else None
        if reference is None or seen is None:
            continue
        stranger = why_not_ours(entry, seen, record.name, field_manager)
        reason = stranger or why_it_stays(cluster, seen, also_delete) or ("" if prunes else _LATER)
        others.append(predict_deletion(Manifest(reference, seen, f"Inventory {record.name}"), seen, reason))
        if not stranger and (reason or (lingers(seen) and not awaits)):
            staying.add(identity(entry.reference))
    return InventoryPlan(record, others, frozenset(staying))


def refuse_empty(record: InventoryRecord, manifests: Sequence[Manifest]) -> None:
    """Raises TrackingError for a set that describes nothing while its inventory holds something."""
    if not manifests and len(record.held):
        raise TrackingError(
            f"The set is empty, and inventory {record.name} holds {len(record.held)} objects",
            why="templates that render to nothing would have all of them deleted",
            mend="Correct the templates; to take the whole set away, say state: absent",
            inventory=str(record.name),
        )


def _live_uids(predictions: Sequence[Prediction]) -> dict[Reference, str]:
    return {each.reference: each.live["metadata"]["uid"] for each in predictions if each.live is not None}


def _entries(predictions: Sequence[Prediction], uids: Uids) -> list[Entry]:
    return [Entry(each.reference, uids.get(each.reference, "")) for each in predictions]
