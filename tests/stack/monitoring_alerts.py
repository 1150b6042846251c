"""The way of an alert from its fault to its end, as Prometheus and the contact point see it."""

from __future__ import annotations

from monitoring_servers import Told, fired_since, firing, wait_until

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster


def wait_for(cluster: Cluster, wanted: set[str], began: float, seconds: float) -> set[str]:
    """What has fired since `began`, as soon as all that is wanted has, be it at once or one after the other."""
    seen: set[str] = set()

    def has_fired() -> bool:
        seen.update(fired_since(cluster, began))
        return wanted <= seen

    wait_until(lambda: f"{wanted - seen} fired", has_fired, seconds)
    return seen


def need_told_and_ended(cluster: Cluster, told: Told, name: str) -> None:
    """Somebody was told of it; it has ended; somebody was told of that."""
    wait_until(
        lambda: f"the receiver was told of {name}, and not only of {sorted(told())}",
        lambda: (name, "firing") in told(),
        60,
    )
    wait_until(f"{name} has ended", lambda: name not in firing(cluster), 180)
    wait_until(f"the receiver was told that {name} has ended", lambda: (name, "resolved") in told(), 120)
