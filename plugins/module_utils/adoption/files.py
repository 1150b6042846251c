"""Carrying the artifacts that the old server kept in a folder into the bucket, below the same paths.

Clients name them `mlflow-artifacts:/<path>`, whichever server they ask, so nothing of the database has to change.
"""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from dataclasses import dataclass, field
from typing import IO

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import Remote
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage
from ansible_collections.mlops.tracking.plugins.module_utils.storage.refusal import refusals_explained

DIGEST = "sha256"
_HELD_IN_MEMORY = 8 << 20
_LARGEST_SINGLE_PUT = 4 << 30
Listed = tuple[str, int, int]


@dataclass
class Artifacts:
    """From the folder of the old server to below `destination`. carried: what lies there already, as it was listed."""

    source: Remote
    folder: str
    storage: Storage
    destination: Location
    progress: Progress
    carried: dict[str, Listed] = field(default_factory=dict)

    def carry(self) -> None:
        """Every file that is not there yet, or has changed since it was carried."""
        listed = [(path, size, when) for path, size, when in self.source.ask("list")["files"]]
        left = [each for each in listed if self.carried.get(each[0]) != each]
        count = self.progress.count("artifacts copied into the bucket", len(left))
        for each in left:
            self._carry(each)
            self.carried[each[0]] = each
            count.one()
        count.end()

    @property
    def told(self) -> str:
        """How much was carried, for people."""
        return f"{len(self.carried):,} artifacts ({sum(size for _path, size, _when in self.carried.values()):,} bytes)"

    def _carry(self, listed: Listed) -> None:
        path = listed[0]
        place = self.destination.below(path)
        with tempfile.SpooledTemporaryFile(max_size=_HELD_IN_MEMORY) as spool:
            digest, size = self._fetch(path, spool)
            with refusals_explained(self.storage, f"The artifact {place} cannot be written"):
                there = self._digest_there(place, size)
                if there == digest:
                    return
                if there == "":
                    raise TrackingError(
                        f"{place} is in the bucket already, and is another file",
                        why="it was not put there from the old server",
                        mend="Set minio_artifact_prefix to an empty place, or move that object away",
                    )
                spool.seek(0)
                self.storage.s3.put_object(
                    place.bucket,
                    place.key,
                    spool,  # type: ignore[arg-type]
                    size,
                    metadata={DIGEST: digest},
                    part_size=min(max(size, 5 << 20), _LARGEST_SINGLE_PUT),
                )
            if self._digest_there(place, size) != digest:
                raise TrackingError(f"{place} is not what was written to it", mend="Run the same again")

    def _fetch(self, path: str, spool: IO[bytes]) -> tuple[str, int]:
        self.source.tell("file", path=path, folder=self.folder)
        whole, size = hashlib.sha256(), 0
        while True:
            message, payload = self.source.answer()
            if "piece" not in message:
                break
            piece = zlib.decompress(payload)
            whole.update(piece)
            size += len(piece)
            spool.write(piece)
        if whole.hexdigest() != message[DIGEST]:
            raise TrackingError(f"The artifact {path} did not come over whole", mend="Run the same again")
        return whole.hexdigest(), size

    def _digest_there(self, place: Location, size: int) -> str | None:
        """The digest that an object of this size says it has; empty where nothing says it; None where there is none."""
        from minio.error import S3Error

        try:
            status = self.storage.s3.stat_object(place.bucket, place.key)
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchObject"):
                return None
            raise
        said = (status.metadata or {}).get(f"x-amz-meta-{DIGEST}", "")
        return f"{said}" if status.size == size or not said else f"{said}, of {status.size} bytes"
