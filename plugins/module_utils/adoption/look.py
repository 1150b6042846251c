"""Looking at the server that somebody else made, and saying whether it can be adopted. Nothing is written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.adoptee import Adoptee, Home, find_adoptee
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import OLD_SIDE, Remote
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

DATABASE = "mlflow.db"


@dataclass(frozen=True)
class Sight:
    """What was seen of it. facts: what the old side's `look` tells; remote: the program in its pod, still running."""

    adoptee: Adoptee
    container: str
    facts: Mapping[str, JSON]
    remote: Remote

    @property
    def home(self) -> Home:
        """What its database lies on."""
        return self.adoptee.home_of(self.container, self.facts["path"])

    def is_in_place(self, claim: str) -> bool:
        """Whether its database is where ours would be."""
        return self.facts["path"] is not None and self.home == Home("claim", claim, DATABASE)

    @property
    def told(self) -> str:
        """What it is, in half a sentence."""
        facts = self.facts
        files = f", {facts['files']:,} artifacts ({facts['file_bytes']:,} bytes)" if facts["files"] else ""
        return f"{facts['runs']:,} runs in SQLite {facts['path']} ({facts['size']:,} bytes) {self.home}{files}"


@contextlib.contextmanager
def looking_at(cluster: Cluster, namespace: str, deployment: str) -> Iterator[Sight]:
    """The server in the one pod of the Deployment. Raises TrackingError where it cannot be seen."""
    adoptee = find_adoptee(cluster, namespace, deployment)
    refusals = []
    for container in adoptee.containers():
        try:
            remote = Remote.in_pod(cluster, namespace, adoptee.pod_name, container, OLD_SIDE)
        except TrackingError as error:
            refusals.append(f"container {container}: {error.why}")
            continue
        with remote:
            try:
                facts = remote.ask("look")
            except TrackingError as error:
                refusals.append(f"container {container}: {error.why}")
                continue
            yield Sight(adoptee, container, facts, remote)
            return
    raise TrackingError(
        f"Deployment {namespace}/{deployment} cannot be adopted",
        why="somebody else made it, and what its server runs on cannot be seen: " + "; ".join(refusals),
        mend="Mend that, or move its runs by hand, as docs/adoption.md says, and delete it",
    )
