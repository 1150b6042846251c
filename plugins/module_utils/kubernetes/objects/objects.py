"""From rendered YAML to a set of manifests that can be sent: parsed, checked, each with its source."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import (
    Resources,
    UnknownKind,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.yaml_documents import load_documents

JSON = Any


_IN_BASE64 = {
    ("v1", "Secret"): ("data", "Write the plain value in stringData, or encode it"),
    ("v1", "ConfigMap"): ("binaryData", "Write text in data, or encode it"),
}


@dataclass(frozen=True)
class Manifest:
    """One object as it is to be. `source` is the template or definition it came from.

    open_keys: keys of a Secret whose values cannot be known yet, with how they come to be (`*`: all of them).
    """

    reference: Reference
    body: Mapping[str, JSON]
    source: str
    open_keys: Mapping[str, str] = field(default_factory=dict)


class InvalidManifest(TrackingError):
    """A template or definition that is no object Kubernetes could take."""

    def __init__(self, source: str, why: str, mend: str) -> None:
        super().__init__(f"{source} cannot be used", why=why, mend=mend, source=source)


def parse(documents: str) -> list[Manifest]:
    """The manifests in `documents`: a JSON list of `{"source", "text": YAML}` and `{"source", "object": {...}}`.

    Empty documents are left out, `kind: List` is taken apart, `stringData` becomes `data`. Raises InvalidManifest.
    """
    manifests: list[Manifest] = []
    seen: dict[Reference, str] = {}
    for source, body in _bodies(json.loads(documents)):
        checked = _checked(source, body)
        reference = Reference.of(checked)
        if reference in seen:
            raise InvalidManifest(
                source, f"{reference} is described twice, also in {seen[reference]}", "Describe each object once"
            )
        seen[reference] = source
        manifests.append(Manifest(reference, _normal(checked), source))
    return manifests


def check_namespaces(manifests: Iterable[Manifest], resources: Resources) -> None:
    """Raises InvalidManifest for an object that lacks its namespace, or names one though it has none."""
    for manifest in manifests:
        reference = manifest.reference
        try:
            is_namespaced = resources.find(reference.api_version, reference.kind).is_namespaced
        except UnknownKind:
            continue
        if is_namespaced and not reference.namespace:
            raise InvalidManifest(manifest.source, f"{reference} names no namespace", "Add metadata.namespace")
        if reference.namespace and not is_namespaced:
            raise InvalidManifest(
                manifest.source, f"a {reference.kind} belongs to no namespace", "Remove metadata.namespace"
            )


def _bodies(parts: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, JSON]]:
    for part in parts:
        source = str(part["source"])
        for body in [part["object"]] if "object" in part else load_documents(source, str(part["text"])):
            if isinstance(body, dict) and body.get("kind") == "List" and isinstance(body.get("items"), list):
                yield from ((source, item) for item in body["items"])
            elif body is not None:
                yield source, body


def _checked(source: str, body: JSON) -> dict[str, JSON]:
    if not isinstance(body, dict):
        raise InvalidManifest(source, f"it holds a {type(body).__name__}, not an object", "Write a Kubernetes manifest")
    for key in ("apiVersion", "kind"):
        if not isinstance(body.get(key), str) or not body[key]:
            raise InvalidManifest(source, f"an object has no {key}", f"Add {key}")
    metadata = body.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidManifest(source, f"a {body['kind']} has no metadata.name", "Add metadata.name, as a string")
    _check_base64(source, body)
    return body


def _check_base64(source: str, body: Mapping[str, JSON]) -> None:
    """Refuses what the API server answers with a 500, which would be tried again, and without the key's name."""
    field_name, mend = _IN_BASE64.get((body["apiVersion"], body["kind"]), ("", ""))
    values = body.get(field_name) or {}
    for key, value in values.items() if isinstance(values, dict) else ():
        try:
            base64.b64decode("".join((value or "").split("\n")), validate=True)
        except (AttributeError, ValueError):
            name = f"{body['kind']} {body['metadata']['name']}"
            raise InvalidManifest(source, f"{field_name}.{key} of {name} is no base64", mend) from None


def _normal(body: dict[str, JSON]) -> dict[str, JSON]:
    if body["kind"] == "Secret" and body["apiVersion"] == "v1" and "stringData" in body:
        from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import encoded

        body = {key: value for key, value in body.items() if key != "stringData"} | {
            "data": {**(body.get("data") or {}), **encoded(body["stringData"] or {})}
        }
    return body
