"""A bucket as it shall be: there or not, versioned, rid of abandoned uploads, within a quota.

What a wish leaves as None is neither read nor changed, so a server that lacks a feature is only asked
for it where somebody wants it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.storage import lifecycle
from ansible_collections.mlops.tracking.plugins.module_utils.storage.bucket_name import bucket_name_problem
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage
from ansible_collections.mlops.tracking.plugins.module_utils.storage.policy import canonical
from ansible_collections.mlops.tracking.plugins.module_utils.storage.refusal import (
    NOT_ALLOWED,
    NOT_OFFERED,
    StorageError,
    refusals_explained,
)
from ansible_collections.mlops.tracking.plugins.module_utils.storage.size import size_in_bytes

JSON = Any

NAME_VARIABLE = "minio_bucket"
VERSIONING_VARIABLE = "minio_bucket_versioning (external: minio_external_bucket_versioning)"
ABORT_VARIABLE = "minio_external_abort_incomplete_uploads_days"
QUOTA_VARIABLE = "minio_bucket_quota"

BUCKET_ARGUMENTS: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "existing", "absent"], "default": "present"},
    "versioning": {"type": "bool"},
    "prefix": {"type": "str", "default": ""},
    "abort_incomplete_uploads_days": {"type": "int"},
    "quota": {"type": "str"},
    "private": {"type": "bool"},
}


@dataclass(frozen=True)
class Bucket:
    """versioning: on or suspended. abort_days: 0 removes the rule. quota: bytes, 0 removes it. None leaves each.

    prefix: where the keys in use may look, "" for everywhere. is_private: without what lets others in, a bucket policy.
    """

    name: str
    state: str = "present"
    versioning: bool | None = None
    abort_days: int | None = None
    quota: int | None = None
    prefix: str = ""
    is_private: bool = False

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Bucket:
        """From an item of the module's option `buckets`; raises InvalidInput before anything is connected."""
        name, days, quota = parameters["name"], parameters["abort_incomplete_uploads_days"], parameters["quota"]
        problem = bucket_name_problem(name)
        if problem:
            raise InvalidInput(NAME_VARIABLE, problem, "Give the bucket a name that S3 takes", name=name)
        if days is not None and days < 0:
            raise InvalidInput(ABORT_VARIABLE, f"{days} is less than 0 days", "Give days, or 0 for no such rule")
        try:
            size = None if quota is None else size_in_bytes(quota)
        except ValueError as error:
            raise InvalidInput(QUOTA_VARIABLE, str(error), "Write it as Kubernetes does, or 0 for no quota") from None
        is_private = bool(parameters["private"])
        return cls(name, parameters["state"], parameters["versioning"], days, size, parameters["prefix"], is_private)

    def read(self, storage: Storage) -> JSON | None:
        """What is there of what is wished for: versioning ("on", "suspended", "off"), days, quota in bytes, access."""
        with refusals_explained(storage, f"Bucket {self.name} cannot be looked at"):
            if not storage.has_bucket(self.name, self.prefix):
                return None
        if self.state == "absent":
            self._refuse_to_delete_data(storage)
        state: dict[str, JSON] = {}
        if self.versioning is not None:
            with self._feature(storage, "versioning", VERSIONING_VARIABLE):
                status = storage.s3.get_bucket_versioning(self.name).status
            state["versioning"] = {"Enabled": "on", "Suspended": "suspended"}.get(status or "", "off")
        if self.abort_days is not None:
            with self._feature(storage, "lifecycle rules", ABORT_VARIABLE):
                state["abort_incomplete_uploads_days"] = lifecycle.abort_days(storage.s3, self.name)
        if self.quota is not None:
            with self._feature(storage, "quotas", QUOTA_VARIABLE):
                state["quota"] = int(json.loads(storage.admin.bucket_quota_get(self.name)).get("quota") or 0)
        if self.is_private:
            state["access"] = self._bucket_policy(storage) or _PRIVATE
        return state

    def predict(self, before: JSON | None) -> JSON | None:
        """The state after writing."""
        if self.state == "absent":
            return None
        if self.state == "existing" and before is None:
            raise TrackingError(
                f"Bucket {self.name} does not exist",
                mend="Create it, correct variable minio_bucket, or set minio_external_create_bucket to true",
                bucket=self.name,
            )
        after: dict[str, JSON] = {}
        if self.versioning is not None:
            # S3 has no way back from versioned to never versioned, and never versioned is as good as suspended.
            never = (before or {}).get("versioning", "off") == "off"
            after["versioning"] = "on" if self.versioning else "off" if never else "suspended"
        if self.abort_days is not None:
            after["abort_incomplete_uploads_days"] = self.abort_days
        if self.quota is not None:
            after["quota"] = self.quota
        if self.is_private:
            after["access"] = _PRIVATE
        return after

    def write(self, storage: Storage, before: JSON | None) -> None:
        """Writes what differs from `before`."""
        after = self.predict(before)
        if after is None:
            with refusals_explained(storage, f"Bucket {self.name} cannot be deleted"):
                storage.s3.remove_bucket(self.name)
            return
        if before is None:
            with refusals_explained(storage, f"Bucket {self.name} cannot be created"):
                storage.s3.make_bucket(self.name)
        differing = {key for key, value in after.items() if value != (before or {}).get(key, _UNSET[key])}
        if "versioning" in differing:
            self._write_versioning(storage)
        if "abort_incomplete_uploads_days" in differing:
            with self._feature(storage, "the rule that aborts incomplete uploads", ABORT_VARIABLE):
                lifecycle.set_abort_days(storage.s3, self.name, self.abort_days or 0)
        if "quota" in differing:
            with self._feature(storage, "quotas", QUOTA_VARIABLE):
                storage.admin.bucket_quota_set(self.name, self.quota or 0)
        if "access" in differing:
            with refusals_explained(storage, f"Bucket {self.name} cannot be made private"):
                storage.s3.delete_bucket_policy(self.name)

    def _bucket_policy(self, storage: Storage) -> JSON | None:
        try:
            with refusals_explained(storage, f"The policy of bucket {self.name} cannot be looked at"):
                return canonical(json.loads(storage.s3.get_bucket_policy(self.name)))
        except StorageError as refusal:
            if refusal.code == "NoSuchBucketPolicy":
                return None
            raise

    def _write_versioning(self, storage: Storage) -> None:
        from minio.versioningconfig import VersioningConfig

        with self._feature(storage, "versioning", VERSIONING_VARIABLE):
            storage.s3.set_bucket_versioning(self.name, VersioningConfig("Enabled" if self.versioning else "Suspended"))

    def _refuse_to_delete_data(self, storage: Storage) -> None:
        with refusals_explained(storage, f"The objects of bucket {self.name} cannot be listed"):
            found = next(iter(storage.s3.list_objects(self.name, recursive=True, include_version=True)), None)
        if found is not None:
            raise TrackingError(
                f"Bucket {self.name} is not deleted",
                why="it holds objects, or versions of deleted ones",
                mend="Empty it first by a tool of your choice; this collection deletes no data",
                bucket=self.name,
            )

    @contextmanager
    def _feature(self, storage: Storage, what: str, variable: str) -> Iterator[None]:
        """Explains a server that lacks a feature by the variable that asks for it."""
        try:
            with refusals_explained(storage, f"Bucket {self.name} cannot have {what}"):
                yield
        except StorageError as refusal:
            if refusal.code in NOT_OFFERED or refusal.code in lifecycle.NOT_OFFERED:
                why = f"this server does not offer it: {refusal.why}"
                raise refusal.because(why, f"Leave variable {variable} unset") from None
            if refusal.code in NOT_ALLOWED:
                raise refusal.because(refusal.why, f"{refusal.mend}, or leave variable {variable} unset") from None
            raise


_PRIVATE = "private"
_UNSET: dict[str, JSON] = {"versioning": "off", "abort_incomplete_uploads_days": 0, "quota": 0, "access": _PRIVATE}
