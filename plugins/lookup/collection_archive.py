# Apache-2.0 (see LICENSE)
"""Lookup `collection_archive`: this very collection as one archive, for a pod that is to run it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: collection_archive
short_description: This collection as a tar.gz in base64
version_added: 0.2.0
description:
  - What a pod needs to run the collection's playbooks, the same bytes for the same files. Images, tests, and what makes
    local clusters are left out.
  - Its size is bounded by what a ConfigMap holds; a larger one is an error.
options: {}
author: The mlops.tracking founders
"""

EXAMPLES = r"""
- name: Hand the collection to a pod
  ansible.builtin.debug:
    msg: "{{ lookup('mlops.tracking.collection_archive') | length }} characters"
"""

RETURN = r"""
_raw:
  description: The archive in base64.
  type: list
  elements: str
"""

import base64
import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

COLLECTION = Path(__file__).parents[2]
PARTS = ("galaxy.yml", "MANIFEST.json", "meta", "playbooks", "plugins", "roles")
WITHOUT = {"__pycache__", "local_cluster", "README.md"}
LARGEST = 1_000_000  # a ConfigMap holds 2**20 bytes in all


class LookupModule(LookupBase):
    """Reads the collection from where this file is."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        files = [file for part in PARTS for file in sorted((COLLECTION / part).rglob("*")) if file.is_file()]
        files += [COLLECTION / part for part in PARTS if (COLLECTION / part).is_file()]
        buffer = io.BytesIO()
        with (
            gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
        ):
            for file in files:
                name = file.relative_to(COLLECTION)
                if not WITHOUT & set(name.parts) and file.suffix != ".pyc":
                    self._add(archive, str(name), file.read_bytes())
        text = base64.b64encode(buffer.getvalue()).decode()
        if len(text) > LARGEST:
            raise AnsibleError(f"The collection's archive has {len(text)} bytes, and a ConfigMap holds {LARGEST}")
        return [text]

    def _add(self, archive: tarfile.TarFile, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o644
        archive.addfile(entry, io.BytesIO(content))
