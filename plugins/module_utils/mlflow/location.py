"""Where a file of MLflow lies in object storage: from an artifact URI to a bucket and a key."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError


@dataclass(frozen=True)
class Location:
    """An object, or with `below` the root of many."""

    bucket: str
    key: str

    def below(self, path: str) -> Location:
        return Location(self.bucket, posixpath.join(self.key, path) if path else self.key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def locate(artifact_uri: str, destination: Location) -> Location:
    """The place of `artifact_uri`.

    `mlflow-artifacts:/1/RUN/artifacts` is kept by the server below its own `destination` (--artifacts-destination);
    `s3://bucket/key` was written by the client itself. Anything else lies in no bucket: a TrackingError.
    """
    parts = urlsplit(artifact_uri)
    path = unquote(parts.path).lstrip("/")
    if parts.scheme == "mlflow-artifacts":
        return destination.below(path)
    if parts.scheme == "s3" and parts.netloc:
        return Location(parts.netloc, path)
    raise TrackingError(
        "The artifacts do not lie in object storage",
        why=f"their URI is {artifact_uri!r}",
        mend="Check the artifact location of the experiment and --artifacts-destination of the server",
        artifact_uri=artifact_uri,
    )
