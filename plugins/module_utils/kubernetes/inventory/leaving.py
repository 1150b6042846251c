"""Objects on their way out: seeing that they are, waiting until they are gone, and saying what holds them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Result, SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.gone import until_gone
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference, named
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any
Bodies = Mapping[Reference, Mapping[str, JSON]]


def is_leaving(body: Mapping[str, JSON]) -> bool:
    """Whether the object is being deleted: that cannot be taken back, only waited for."""
    return bool(body["metadata"].get("deletionTimestamp"))


def lingers(body: Mapping[str, JSON]) -> bool:
    """Whether an object stays for a while after its deletion: something has to be done first."""
    return bool(body["metadata"].get("finalizers")) or body["kind"] == "Namespace"


def make_way(
    cluster: Cluster,
    resources: Resources,
    bodies: Bodies,
    threads: int,
    seconds: float,
    rows: Mapping[Reference, Result],
    progress: Progress,
) -> None:
    """Waits until objects that are being deleted are gone, so that they can be made anew. Raises SetFailed."""
    if not bodies:
        return
    left = until_gone(cluster, resources, bodies, threads, time.monotonic() + seconds, progress)
    if left:
        raise SetFailed(
            f"{named(list(left))} cannot be made so; nothing was written",
            rows.values(),
            why=f"being deleted, and not gone after {seconds:g} s; {what_holds(left)}",
            mend="Let the deletion end, or take away what holds it, and run again",
        )


def what_holds(bodies: Bodies) -> str:
    """`ConfigMap a/b is held by finalizer x`, and what a namespace says is left in it."""
    told = [f"{reference} {story}" for reference, body in bodies.items() if (story := _story(body))]
    return "; ".join(told) or "no finalizer holds them"


def _story(body: Mapping[str, JSON]) -> str:
    if body["kind"] == "Namespace":
        conditions = (body.get("status") or {}).get("conditions") or []
        told = [str(each["message"]) for each in conditions if each["status"] == "True" and each.get("message")]
        return f"is still being emptied: {'; '.join(told)}" if told else "is still being emptied"
    finalizers = body["metadata"].get("finalizers") or []
    if not finalizers:
        return ""
    return f"is held by finalizer{'s' if len(finalizers) > 1 else ''} {', '.join(finalizers)}"
