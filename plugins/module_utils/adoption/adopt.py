"""The steps of an adoption. Until the last one the old server serves on, and every run may begin anew."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.copying import Copying, Proof
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.files import Artifacts
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.look import Sight
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.obstacles import AUTO, Wish, obstacles
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.receiver import receiving
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import Remote
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.replacing import Replacing
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.moment import moment
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Target

JSON = Any

# An adoption that was killed holds on to the lock until the old pod must have ended.
_SECONDS_OF_GRACE_MORE = 30.0
_SECONDS_FOR_THE_LOCK = 60.0


@dataclass(frozen=True)
class Adoption:
    """One adoption. documents: the receiver's pod; database: its path there, on `claim`; seconds: for any wait."""

    cluster: Cluster
    sight: Sight
    wish: Wish
    claim: str
    database: str
    documents: str
    storage: Target
    destination: Location
    replacing: Replacing
    seconds: float
    progress: Progress

    @property
    def carries_artifacts(self) -> bool:
        return self.wish.adopt == AUTO and bool(self.sight.facts["artifacts"])

    def need_none_in_the_way(self) -> None:
        """Raises TrackingError with the first thing that stands in the way."""
        for obstacle in obstacles(self.sight.facts, self.wish):
            raise TrackingError(f"{self.replacing.deployment} cannot be adopted", why=obstacle.why, mend=obstacle.mend)

    def carry_out(self) -> JSON:
        """Copies, proves, and ends the old server; gives what a report says of it."""
        sight = self.sight
        with (
            self._artifacts() as artifacts,
            receiving(
                self.cluster,
                self.documents,
                self.database,
                sight.adoptee,
                seconds=self.seconds,
                progress=self.progress,
            ) as target,
        ):
            self._need_room_for(target)
            copying = Copying(sight.remote, target, sight.facts["path"], self.progress)
            if artifacts:
                artifacts.carry()
            began, proof = self._take(copying, target, artifacts)
            sight.remote.ask("keep", seconds=sight.adoptee.grace + _SECONDS_OF_GRACE_MORE)
            self.replacing.carry_out(self.seconds)
        return {
            "from": sight.told,
            "at": moment(time.time()),
            "tables": dict(proof.tables),
            "rows": proof.rows,
            "runs": dict(proof.runs),
            "artifacts": artifacts.told if artifacts else "none",
            "seconds_held": round(time.monotonic() - began, 1),
        }

    def _take(self, copying: Copying, target: Remote, artifacts: Artifacts | None) -> tuple[float, Proof]:
        """Gives since when the old server is held still, and what was proved."""
        is_in_place = self.sight.is_in_place(self.claim)
        if not is_in_place:
            copying.ahead()
        began = time.monotonic()
        self.progress.line("", "The old server is held still: it takes no writes any more")
        has_wal = copying.hold(self.sight.adoptee.grace + _SECONDS_OF_GRACE_MORE + _SECONDS_FOR_THE_LOCK)
        proof = copying.as_it_is() if is_in_place else copying.rest(has_wal=has_wal)
        if artifacts:
            self.sight.remote.ask("stop")
            artifacts.carry()
        if not is_in_place:
            target.ask("place", origin=self._origin, mark={"from": self.sight.told, "at": moment(time.time())})
        return began, proof

    def _need_room_for(self, target: Remote) -> None:
        """Our image knows the schema, and the claim takes the copy. Raises TrackingError."""
        revision, there = self.sight.facts["revision"], target.ask("look", origin=self._origin)
        called = str(self.replacing.deployment)
        if revision not in there["known"]:
            raise TrackingError(
                f"{called} cannot be adopted",
                why=f"its database is at revision {revision}, which mlflow_image does not know: it is a newer MLflow's",
                mend="Set mlflow_image to that MLflow or a newer one",
            )
        if self.sight.is_in_place(self.claim):
            return
        if not there["may_be_placed"]:
            raise TrackingError(
                f"{called} cannot be adopted",
                why=f"claim {self.claim} holds a database {self.database} already, which is another's",
                mend="Rename that file on the claim if its runs are not wanted, or delete the Deployment if those are",
            )
        target.ask("begin", size=self.sight.facts["size"])

    @property
    def _origin(self) -> str:
        return self.sight.adoptee.origin_of(self.sight.home, self.sight.container)

    @contextlib.contextmanager
    def _artifacts(self) -> Iterator[Artifacts | None]:
        folder = self.sight.facts["artifacts"]
        if not self.carries_artifacts:
            yield None
            return
        with self.storage.connect(self.cluster) as storage:
            yield Artifacts(self.sight.remote, folder, storage, self.destination, self.progress)


def told(report: Mapping[str, JSON]) -> str:
    """One line of what was done."""
    return (
        f"adopted {report['from']}: {report['rows']:,} rows of {len(report['tables'])} tables have equal digests, "
        f"artifacts carried: {report['artifacts']}; it took no writes for {report['seconds_held']} s"
    )
