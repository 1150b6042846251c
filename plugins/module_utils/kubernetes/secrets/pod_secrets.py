"""Which Secrets a pod is given: what its log must not show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

JSON = Any


def secrets_of(pod: Mapping[str, JSON]) -> list[str]:
    """The names of the Secrets in its containers' environment and in its volumes."""
    return sorted(set(_names(pod["spec"])))


def _names(spec: Mapping[str, JSON]) -> Iterator[str]:
    for container in [*(spec.get("initContainers") or []), *spec["containers"]]:
        for each in container.get("env") or []:
            reference = (each.get("valueFrom") or {}).get("secretKeyRef")
            if reference:
                yield reference["name"]
        for each in container.get("envFrom") or []:
            if each.get("secretRef"):
                yield each["secretRef"]["name"]
    for volume in spec.get("volumes") or []:
        if volume.get("secret"):
            yield volume["secret"]["secretName"]
        for source in (volume.get("projected") or {}).get("sources") or []:
            if source.get("secret"):
                yield source["secret"]["name"]
