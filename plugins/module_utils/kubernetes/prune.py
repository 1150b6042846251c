"""What becomes of the objects of a set's inventory that the set no longer describes.

An object goes only where nothing speaks against it: its annotation names this very inventory, and it is the one
that was recorded. So what moved to another set, or was made anew by somebody, is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory import (
    ANNOTATION,
    Entry,
    InventoryName,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.managed_fields import has_applied

JSON = Any

# Deleting these deletes data: a namespace and a CRD take all that is in them along.
HOLDS_DATA = frozenset({"CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"})
# Its text says why the object is to outlive its set, such as a password that data was made with.
KEEP = "tracking.mlops/keep"


def why_not_ours(entry: Entry, live: Mapping[str, JSON], inventory: InventoryName, field_manager: str) -> str:
    """Why an object is not, or no longer, the one that the inventory means; empty when it is."""
    owner = owner_of(live)
    if owner != str(inventory):
        return f"it belongs to inventory {owner} now" if owner else f"its annotation {ANNOTATION} is gone"
    if entry.uid and entry.uid != live["metadata"]["uid"]:
        return "somebody made it anew"
    if not entry.uid and not has_applied(live, field_manager):
        return f"field manager {field_manager} did not make it"
    return ""


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
