"""Credentials travel by reference: a module is given a Secret's name and reads the Secret itself."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster


@dataclass(frozen=True, order=True)
class SecretReference:
    """Where a Secret is."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"Secret {self.namespace}/{self.name}"

    @property
    def path(self) -> str:
        """Its path on the API server."""
        return f"/api/v1/namespaces/{self.namespace}/secrets/{self.name}"


def find_secret(cluster: Cluster, reference: SecretReference) -> dict[str, str] | None:
    """The Secret's values, decoded, or None where there is no such Secret."""
    live = cluster.get(reference.path)
    if live is None:
        return None
    cluster.mask.learn([live])
    return decoded(live)


def read_secret(cluster: Cluster, reference: SecretReference, keys: Iterable[str] = ()) -> dict[str, str]:
    """The Secret's values, decoded. A missing Secret, or one of `keys` missing or empty, is a TrackingError."""
    values = find_secret(cluster, reference)
    if values is None:
        raise TrackingError(
            f"{reference} does not exist",
            mend="Run the role that makes it first, or correct the namespace and name it is looked for under",
            namespace=reference.namespace,
            name=reference.name,
        )
    for key in keys:
        if not values.get(key):
            raise TrackingError(
                f"{reference} has no key {key!r}",
                why=f"its keys are: {', '.join(sorted(values)) or 'none'}",
                mend=f"Add the key {key!r} to the Secret, or name the key it does have",
                namespace=reference.namespace,
                name=reference.name,
                key=key,
            )
    return values


def decoded(secret: Mapping[str, Any]) -> dict[str, str]:
    """The values of a Secret object, `stringData` over `data` as the API server does it."""
    values = {
        key: base64.b64decode(value).decode("utf-8", "replace") for key, value in (secret.get("data") or {}).items()
    }
    return {**values, **{key: str(value) for key, value in (secret.get("stringData") or {}).items()}}


def encoded(values: Mapping[str, Any]) -> dict[str, str]:
    """`stringData` as `data`: each value in base64."""
    return {key: base64.b64encode(str(value).encode()).decode() for key, value in values.items()}
