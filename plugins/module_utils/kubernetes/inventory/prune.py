"""What becomes of the objects of a set's inventory that the set no longer describes.

An object goes only where nothing speaks against it: its annotation names this very inventory, and it is the one
that was recorded. So what moved to another set, or was made anew by somebody, is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import (
    ANNOTATION,
    Entry,
    InventoryName,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import has_applied

JSON = Any

# Deleting these deletes data: a namespace and a CRD take all that is in them along.
HOLDS_DATA = frozenset({"CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"})
# Its text says why the object is to outlive its set, such as a password that data was made with.
KEEP = "tracking.mlops/keep"


def why_not_ours(entry: Entry, live: Mapping[str, JSON], inventory: InventoryName, field_manager: str) -> str:
    """Why an object is not, or no longer, the one that the inventory means; empty when it is."""
    if not owner_of(live):
        return f"its annotation {ANNOTATION} is gone"
    moved = _why_moved(live, str(inventory))
    if not moved and entry.uid:
        return "" if entry.uid == live["metadata"]["uid"] else "somebody made it anew"
    return moved or _why_not_made(live, field_manager)


def why_only_named_so(live: Mapping[str, JSON], inventory: str, field_manager: str) -> str:
    """Why an object that is described, and that no record holds, is somebody else's of the same name; empty if ours."""
    return _why_moved(live, inventory) if owner_of(live) else _why_not_made(live, field_manager)


def _why_moved(live: Mapping[str, JSON], inventory: str) -> str:
    owner = owner_of(live)
    return "" if owner == inventory else f"it belongs to inventory {owner} now"


def _why_not_made(live: Mapping[str, JSON], field_manager: str) -> str:
    return "" if has_applied(live, field_manager) else f"field manager {field_manager} did not make it"


def why_kept(live: Mapping[str, JSON], also_delete: frozenset[str]) -> str:
    """Why an object of ours is not deleted with its set; empty when it is."""
    kept = (live["metadata"].get("annotations") or {}).get(KEEP)
    if kept:
        return str(kept)
    kind = str(live["kind"])
    return f"data goes with it; also_delete does not name {kind}" if kind in HOLDS_DATA - also_delete else ""


def owner_of(live: Mapping[str, JSON]) -> str:
    """The inventory that an object says it belongs to, as `namespace/name`; empty for none."""
    return str((live["metadata"].get("annotations") or {}).get(ANNOTATION) or "")
