"""A user of MinIO as it shall be: its keys lie in a Secret, and what it may do follows from its policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import (
    AS_IN_SECRET,
    NOT_AS_IN_SECRET,
)
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Keys, KeysReference, Storage
from ansible_collections.mlops.tracking.plugins.module_utils.storage.refusal import (
    UNKNOWN_USER,
    WRONG_SECRET,
    StorageError,
    refusals_explained,
)

JSON = Any

USER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "access_key": {"type": "str", "default": "access-key", "no_log": False},
    "secret_key": {"type": "str", "default": "secret-key", "no_log": False},
    "policies": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}

# MinIO's limits (auth.IsAccessKeyValid, auth.IsSecretKeyValid); it says them only once the user is added.
_ACCESS_KEY_LENGTH = range(3, 21)
_SECRET_KEY_LENGTH = range(8, 41)

_ANY_BUCKET = "mlops-tracking"  # there or not: keys are looked at before buckets


@dataclass(frozen=True)
class User:
    """`reference`: where its keys are. `keys`: what they are, None while the Secret is not there yet."""

    reference: KeysReference
    keys: Keys | None
    policies: tuple[str, ...] = ()
    is_wanted: bool = True

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any], cluster: Cluster, *, check: bool) -> User:
        """From an item of the module's option `users`. Reads its Secret, which may be missing only in check mode."""
        reference = KeysReference.from_parameters(parameters)
        is_wanted = parameters["state"] == "present"
        keys = reference.find(cluster) if check or not is_wanted else reference.read(cluster)
        if keys is not None and is_wanted:
            _check_lengths(keys)
        return cls(reference, keys, tuple(sorted(set(parameters["policies"]))), is_wanted)

    @property
    def name(self) -> str:
        """The Secret's, as that is known even before the access key is."""
        return str(self.reference.secret)

    def read(self, storage: Storage) -> JSON | None:
        """The live user: its state, its policies, and whether the Secret's keys open the door."""
        if self.keys is None:
            return None
        try:
            with refusals_explained(storage, f"User {self.keys.access_key} cannot be looked at"):
                live = json.loads(storage.admin.user_info(self.keys.access_key))
        except StorageError as refusal:
            if refusal.code == "XMinioAdminNoSuchUser":
                return None
            raise
        is_enabled = live.get("status") == "enabled"
        secret_works = is_enabled and self._opens(storage.acting_as(self.keys))
        return _state(live.get("status"), (live.get("policyName") or "").split(","), secret_works or not is_enabled)

    def predict(self, before: JSON | None) -> JSON | None:
        """The user after writing."""
        return _state("enabled", self.policies, True) if self.is_wanted else None

    def write(self, storage: Storage, before: JSON | None) -> None:
        """Adds or mends the user and then its policies, or removes it."""
        assert self.keys is not None, "a user without keys has nothing to write"
        name = self.keys.access_key
        if not self.is_wanted:
            with refusals_explained(storage, f"User {name} cannot be removed"):
                storage.admin.user_remove(name)
            return
        if before is None or before["status"] != "enabled" or before["secret key"] != AS_IN_SECRET:
            # Adding an existing user sets its secret key and enables it, and leaves its policies.
            with refusals_explained(storage, f"User {name} cannot be added"):
                storage.admin.user_add(name, self.keys.secret_key)
        had = before["policies"] if before else []
        if list(self.policies) != had:
            self._write_policies(storage, name, had)

    def _write_policies(self, storage: Storage, name: str, had: list[str]) -> None:
        with refusals_explained(storage, f"User {name} cannot have the policies {', '.join(self.policies) or 'none'}"):
            if self.policies:
                storage.admin.policy_set(",".join(self.policies), user=name)
            else:
                storage.admin.detach_policy(had, user=name)

    def _opens(self, storage: Storage) -> bool:
        """Whether the server takes these keys: any answer but a refused signature says yes."""
        try:
            # MinIO counts refusals by call. One of this call is ordinary, and no sign of somebody who guesses.
            with refusals_explained(storage, f"User {storage.keys.access_key} cannot be tried"):
                storage.s3.get_object(_ANY_BUCKET, "key").close()
        except StorageError as refusal:
            if refusal.code in WRONG_SECRET + UNKNOWN_USER:
                return False
            if not refusal.code:
                raise
        return True


def _state(status: str | None, policies: tuple[str, ...] | list[str], secret_works: bool) -> JSON:
    return {
        "status": status,
        "policies": sorted(filter(None, policies)),
        "secret key": AS_IN_SECRET if secret_works else NOT_AS_IN_SECRET,
    }


def _check_lengths(keys: Keys) -> None:
    for what, value, allowed in (
        ("access key", keys.access_key, _ACCESS_KEY_LENGTH),
        ("secret key", keys.secret_key, _SECRET_KEY_LENGTH),
    ):
        if len(value) not in allowed:
            raise InvalidInput(
                keys.source,
                f"its {what} has {len(value)} characters, and MinIO takes {allowed[0]} to {allowed[-1]}",
                f"Put {what}s of that length into {keys.source}, or delete it to have new ones made",
            )
