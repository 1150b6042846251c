"""What a call describes, and what of it is there: the set as it is seen before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.generated import copy_source
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory import InventoryName
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory_record import InventoryRecord
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.live import read_live
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects import (
    Manifest,
    check_namespaces,
    parse,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resources

JSON = Any


@dataclass(frozen=True)
class SeenSet:
    """The described objects, and the live ones of these and of what they are copied from. record: its inventory."""

    manifests: Sequence[Manifest]
    live: Mapping[Reference, JSON]
    record: InventoryRecord | None

    @property
    def described(self) -> dict[Reference, JSON]:
        """Each described object as it is; None where it is not there."""
        return {manifest.reference: self.live.get(manifest.reference) for manifest in self.manifests}


def read_set(
    cluster: Cluster,
    resources: Resources,
    mask: Mask,
    documents: str,
    *,
    inventory: str,
    field_manager: str,
    threads: int,
) -> SeenSet:
    """Reads all in one go. documents: see objects.parse. inventory: `namespace/name`, or empty for none."""
    name = InventoryName.parse(inventory) if inventory else None
    manifests = parse(documents)
    mask.learn(manifest.body for manifest in manifests)
    resources.learn(manifest.body for manifest in manifests)
    check_namespaces(manifests, resources)
    wanted = {manifest.reference for manifest in manifests}
    sources = {source for manifest in manifests if (source := copy_source(manifest)) is not None}
    records = {name.reference} if name else set()
    live = read_live(cluster, resources, sorted(wanted | sources | records), threads)
    record = InventoryRecord(cluster, name, field_manager, live.pop(name.reference, None)) if name else None
    mask.learn(live.values())
    return SeenSet(manifests, live, record)
