"""What lies in a bucket: the objects below a prefix with their sizes, and the digest of one."""

from __future__ import annotations

import hashlib

from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage
from ansible_collections.mlops.tracking.plugins.module_utils.storage.refusal import refusals_explained

PIECE = 1 << 20


def sizes_below(storage: Storage, bucket: str, prefix: str) -> dict[str, int]:
    """{path below `prefix`: bytes} of every object whose key begins with `prefix/`."""
    root = prefix.rstrip("/") + "/" if prefix else ""
    with refusals_explained(storage, f"The objects below s3://{bucket}/{root} cannot be listed"):
        found = list(storage.s3.list_objects(bucket, prefix=root, recursive=True))
    return {one.object_name[len(root) :]: int(one.size or 0) for one in found if not one.is_dir}


def digest_of(storage: Storage, bucket: str, key: str) -> str:
    """SHA-256 of an object, read piece by piece."""
    hashed = hashlib.sha256()
    with refusals_explained(storage, f"The object s3://{bucket}/{key} cannot be read"):
        response = storage.s3.get_object(bucket, key)
        try:
            for piece in response.stream(PIECE):
                hashed.update(piece)
        finally:
            response.close()
            response.release_conn()
    return hashed.hexdigest()
