"""What a call describes, and what of it is there: the set as it is seen before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.live import read_each, unreadable
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import InventoryName
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory_record import (
    InventoryRecord,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import (
    Manifest,
    check_namespaces,
    parse,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.generated import copy_source
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask

JSON = Any


@dataclass(frozen=True)
class SeenSet:
    """The described objects, and the live ones of these and of what they are copied from. record: its inventory.

    unread: described objects that could not be read, and why; they are none of `manifests`.
    """

    manifests: Sequence[Manifest]
    live: Mapping[Reference, JSON]
    record: InventoryRecord | None
    unread: Mapping[Reference, TrackingError]

    @property
    def described(self) -> dict[Reference, JSON]:
        """Each described object as it is; None where it is not there, or was not read."""
        references = [*(manifest.reference for manifest in self.manifests), *self.unread]
        return {each: self.live.get(each) for each in references}


def read_set(
    cluster: Cluster,
    resources: Resources,
    mask: Mask,
    documents: str,
    *,
    inventory: str,
    field_manager: str,
    threads: int,
    partly: bool,
) -> SeenSet:
    """Reads all in one go. documents: see objects.parse. inventory: `namespace/name`, or empty for none.

    partly: what cannot be read takes nothing from the rest, as long as the inventory can be and there is a rest.
    """
    name = InventoryName.parse(inventory) if inventory else None
    manifests = parse(documents)
    mask.learn(manifest.body for manifest in manifests)
    resources.learn(manifest.body for manifest in manifests)
    check_namespaces(manifests, resources)
    wanted = {manifest.reference for manifest in manifests}
    sources = {source for manifest in manifests if (source := copy_source(manifest)) is not None}
    records = {name.reference} if name else set()
    references = sorted(wanted | sources | records)
    live, errors = read_each(cluster, resources, references, threads)
    unread = _unread(manifests, errors)
    if errors and not (partly and records.isdisjoint(errors) and len(unread) < len(manifests)):
        raise unreadable(references, errors)
    record = InventoryRecord(cluster, name, field_manager, live.pop(name.reference, None)) if name else None
    mask.learn(live.values())
    return SeenSet([each for each in manifests if each.reference not in unread], live, record, unread)


def _unread(manifests: Sequence[Manifest], errors: Mapping[Reference, TrackingError]) -> dict[Reference, TrackingError]:
    """The described objects that could not be read, or whose source could not, through all copies of copies."""
    unread = dict(errors)
    for _ in manifests:
        copies = {each.reference: copy_source(each) for each in manifests if each.reference not in unread}
        more = {copy: unread[source] for copy, source in copies.items() if source in unread}
        if not more:
            break
        unread |= more
    return {each.reference: unread[each.reference] for each in manifests if each.reference in unread}
