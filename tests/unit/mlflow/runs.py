"""A run as a server would tell of it, for tests that need none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.evidence import KeptFile, Observed
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.records import ModelVersion, Run

ROOT = "mlflow-artifacts:/1/abc/artifacts"
PLACE = Location("bucket", "prefix/1/abc/artifacts")
VERSION = ModelVersion("churn", "3", "Production", ("champion",), "models:/m-1", "abc", "READY")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def run(**changes: object) -> Run:
    values: dict[str, object] = {
        "run_id": "abc",
        "experiment_id": "1",
        "name": "orderly-hen",
        "status": "FINISHED",
        "artifact_uri": ROOT,
        "start_time": 1,
        "params": {"epochs": "20"},
        "metrics": {"loss": 0.1},
        "tags": {"team": "a"},
        "model_ids": (),
    }
    return Run(**{**values, **changes})  # type: ignore[arg-type]


def observed(files: Mapping[str, bytes] | None = None, **changes: object) -> Observed:
    kept = [
        KeptFile(path, len(content), ROOT, path, lambda content=content: sha256(content))  # type: ignore[misc]
        for path, content in (files or {}).items()
    ]
    return Observed(run(**changes), {"loss": [(0, 0.3), (1, 0.1)]}, {("churn", "3"): VERSION}, kept)


@dataclass
class Shelf:
    """A bucket made of bytes. It counts what was read as a whole."""

    objects: dict[str, bytes]
    read: list[str] = field(default_factory=list)

    def sizes(self, root: Location) -> dict[str, int]:
        return {path: len(content) for path, content in self.objects.items()}

    def digest(self, place: Location) -> str:
        path = place.key.removeprefix(f"{PLACE.key}/")
        self.read.append(path)
        return sha256(self.objects[path])
