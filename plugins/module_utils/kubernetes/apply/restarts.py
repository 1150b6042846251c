"""Pods that start anew when a Secret they read changes, as a running process keeps the environment it began with.

A pod template's annotation `tracking.mlops/restart-with: "minio-root"` names Secrets of the same set and namespace;
beside it, a digest of their values is written, so that a new value makes a new template and so a rollout.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import (
    JSON,
    InvalidManifest,
    Manifest,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

RESTART_WITH = "tracking.mlops/restart-with"
DIGEST = "tracking.mlops/restart-digest"
UNKNOWN = "(of values that are not made yet)"


def stamped(manifests: Sequence[Manifest], *, check: bool) -> list[Manifest]:
    """The manifests, resolved before (see generated.resolve), with such digests in their pod templates.

    check: values that are only to be generated differ from those of the real run, so their digest is left open.
    """
    by_reference = {manifest.reference: manifest for manifest in manifests}
    return [_stamped(manifest, by_reference, check) for manifest in manifests]


def _stamped(manifest: Manifest, by_reference: dict[Reference, Manifest], check: bool) -> Manifest:
    template: JSON = (manifest.body.get("spec") or {}).get("template")
    metadata = (template.get("metadata") or {}) if isinstance(template, dict) else {}
    annotations = metadata.get("annotations") or {}
    if RESTART_WITH not in annotations:
        return manifest
    read = [_secret(manifest, name.strip(), by_reference) for name in str(annotations[RESTART_WITH]).split(",")]
    is_open = check and any(secret.open_keys for secret in read)
    digest = UNKNOWN if is_open else _digest([secret.body.get("data") or {} for secret in read])
    written = {**template, "metadata": {**metadata, "annotations": {**annotations, DIGEST: digest}}}
    return replace(manifest, body={**manifest.body, "spec": {**manifest.body["spec"], "template": written}})


def _secret(manifest: Manifest, name: str, by_reference: dict[Reference, Manifest]) -> Manifest:
    reference = Reference("v1", "Secret", manifest.reference.namespace, name)
    if reference not in by_reference:
        raise InvalidManifest(
            manifest.source,
            f"{manifest.reference}: {RESTART_WITH} names {reference}, which is not in the set",
            "Name Secrets that the same call applies",
        )
    return by_reference[reference]


def _digest(values: list[JSON]) -> str:
    """Slow on purpose: whoever may read pods but no Secrets shall not try out values."""
    text = json.dumps(values, sort_keys=True).encode()
    return hashlib.scrypt(text, salt=RESTART_WITH.encode(), n=2**11, r=8, p=1, dklen=8).hex()
