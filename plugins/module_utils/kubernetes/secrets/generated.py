"""Secrets whose values no template holds: made once on the cluster, or copied from another Secret.

`tracking.mlops/generate: "root-password=40"` keeps the live value, or makes a random one of that length.
`tracking.mlops/generate-unless: "PersistentVolumeClaim/minio-data"` refuses to make one beside data that outlived the
Secret: a password made anew would be a silent rotation. The object is one of the same set and namespace.
`tracking.mlops/copy: "storage/minio-user-mlflow"` takes over the data of that Secret.
"""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import InvalidManifest, Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any
Find = Callable[[Reference], Mapping[str, JSON] | None]

GENERATE = "tracking.mlops/generate"
GENERATE_UNLESS = "tracking.mlops/generate-unless"
COPY = "tracking.mlops/copy"
WHOLE = "*"  # in open_keys: none of the data is known yet
_ALPHABET = string.ascii_letters + string.digits
_LENGTHS = range(8, 257)


def resolve(manifests: Sequence[Manifest], find: Find, *, may_be_missing: bool) -> list[Manifest]:
    """The manifests with every such Secret filled in. `find` gives a live object, or None.

    may_be_missing: a source that does not exist leaves the copy open (check mode) instead of failing.
    """
    filled = [_generate(manifest, find) for manifest in manifests]
    by_reference = {manifest.reference: manifest for manifest in filled}
    return [_copy(manifest, by_reference, find, may_be_missing, ()) for manifest in filled]


def copy_source(manifest: Manifest) -> Reference | None:
    """The Secret a manifest is copied from."""
    value = _annotation(manifest, COPY)
    if value is None:
        return None
    namespace, slash, name = value.partition("/")
    if not slash or not namespace or not name:
        raise InvalidManifest(
            manifest.source, f"{manifest.reference}: {COPY} is {value!r}", "Write it as namespace/name"
        )
    return Reference("v1", "Secret", namespace, name)


def generated_keys(manifest: Manifest) -> list[str]:
    """The keys of a Secret whose values are made once."""
    wanted = _annotation(manifest, GENERATE)
    return [] if wanted is None else list(_lengths(manifest, wanted))


def _generate(manifest: Manifest, find: Find) -> Manifest:
    wanted = _annotation(manifest, GENERATE)
    if wanted is None:
        return manifest
    live = find(manifest.reference) or {}
    data = dict(manifest.body.get("data") or {})
    opened = {}
    for key, length in _lengths(manifest, wanted).items():
        kept = (live.get("data") or {}).get(key)
        if kept:
            data[key] = kept
        else:
            _refuse_to_rotate(manifest, key, find)
            value = "".join(secrets.choice(_ALPHABET) for _ in range(length))
            data[key] = base64.b64encode(value.encode()).decode()
            opened[key] = "generated"
    return replace(manifest, body={**manifest.body, "data": data}, open_keys={**manifest.open_keys, **opened})


def _refuse_to_rotate(manifest: Manifest, key: str, find: Find) -> None:
    kind, _slash, name = (_annotation(manifest, GENERATE_UNLESS) or "").partition("/")
    data = Reference("v1", kind, manifest.reference.namespace, name)
    if name and find(data) is not None:
        raise TrackingError(
            f"{manifest.reference} cannot be made anew",
            why=f"its {key} is gone while {data}, which was used with it, is there",
            mend="Restore the Secret, or see the role's README for how to say that new values may be made",
            secret=str(manifest.reference),
        )


def _lengths(manifest: Manifest, wanted: str) -> dict[str, int]:
    lengths = {}
    for part in wanted.split(","):
        key, _equals, length = part.strip().partition("=")
        if not key or not length.isdecimal() or int(length) not in _LENGTHS:
            raise InvalidManifest(
                manifest.source,
                f"{manifest.reference}: {GENERATE} is {wanted!r}",
                f"Write it as key=length, comma separated, each length {_LENGTHS[0]} to {_LENGTHS[-1]}",
            )
        lengths[key] = int(length)
    return lengths


def _copy(
    manifest: Manifest,
    by_reference: Mapping[Reference, Manifest],
    find: Find,
    may_be_missing: bool,
    trail: tuple[Reference, ...],
) -> Manifest:
    source = copy_source(manifest)
    if source is None:
        return manifest
    if source in trail or source == manifest.reference:
        raise InvalidManifest(manifest.source, f"{manifest.reference} is copied from itself", f"Correct {COPY}")
    own = manifest.body.get("data") or {}
    if source in by_reference:
        origin = _copy(by_reference[source], by_reference, find, may_be_missing, (*trail, manifest.reference))
        data = {**(origin.body.get("data") or {}), **own}
        opened = {**origin.open_keys, **manifest.open_keys}
        return replace(manifest, body={**manifest.body, "data": data}, open_keys=opened)
    live = find(source)
    if live is not None:
        return replace(manifest, body={**manifest.body, "data": {**(live.get("data") or {}), **own}})
    if may_be_missing:
        return replace(manifest, open_keys={**manifest.open_keys, WHOLE: f"copied from {source}"})
    raise TrackingError(
        f"{manifest.reference} cannot be made",
        why=f"{source}, which it is a copy of, does not exist",
        mend="Run the role that makes that Secret first",
        source=str(source),
    )


def _annotation(manifest: Manifest, key: str) -> str | None:
    if manifest.reference.kind != "Secret":
        return None
    annotations = manifest.body["metadata"].get("annotations") or {}
    return str(annotations[key]) if key in annotations else None
