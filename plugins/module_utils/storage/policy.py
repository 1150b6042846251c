"""A policy of MinIO as it shall be, compared by what it means and not by how it is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage
from ansible_collections.mlops.tracking.plugins.module_utils.storage.refusal import StorageError, refusals_explained

JSON = Any

POLICY_ARGUMENTS: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "policy": {"type": "dict"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}

_LISTS = ("Action", "NotAction", "Resource", "NotResource")


@dataclass(frozen=True)
class Policy:
    """`document`: an IAM policy, or None where the policy shall not be there."""

    name: str
    document: Mapping[str, JSON] | None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Policy:
        """From an item of the module's option `policies`."""
        name, document = parameters["name"], parameters["policy"]
        if parameters["state"] == "absent":
            return cls(name, None)
        if not document or not document.get("Statement"):
            raise InvalidInput(
                f"policies ({name})", "its policy has no Statement", "Give an IAM policy with one", name=name
            )
        return cls(name, canonical(document))

    def read(self, storage: Storage) -> JSON | None:
        """The live policy in canonical form."""
        try:
            with refusals_explained(storage, f"Policy {self.name} cannot be looked at"):
                live = canonical(json.loads(storage.admin.policy_info(self.name)))
        except StorageError as refusal:
            if refusal.code == "XMinioAdminNoSuchPolicy":
                return None
            raise
        if self.document is None:
            self._refuse_while_in_use(storage)
        return live

    def predict(self, before: JSON | None) -> JSON | None:
        """The policy after writing."""
        return self.document

    def write(self, storage: Storage, before: JSON | None) -> None:
        """Replaces the whole policy, or removes it."""
        if self.document is None:
            with refusals_explained(storage, f"Policy {self.name} cannot be removed"):
                storage.admin.policy_remove(self.name)
            return
        with refusals_explained(storage, f"Policy {self.name} cannot be set"):
            storage.admin.policy_add(self.name, policy=dict(self.document))

    def _refuse_while_in_use(self, storage: Storage) -> None:
        with refusals_explained(storage, f"The users of policy {self.name} cannot be listed"):
            entities = json.loads(storage.admin.get_policy_entities([], [], [self.name]))
        holders: list[str] = []
        for mapping in entities.get("policyMappings") or []:
            holders += [*(mapping.get("users") or []), *(mapping.get("groups") or [])]
        if holders:
            raise TrackingError(
                f"Policy {self.name} is not removed",
                where=storage.endpoint,
                why=f"{', '.join(sorted(holders))} still has it",
                mend="Take it from its users first (minio_user)",
                policy=self.name,
                holders=sorted(holders),
            )


def canonical(document: Mapping[str, JSON]) -> dict[str, JSON]:
    """The same policy in one form: lists where a single string may stand, sorted and once each; statements sorted.

    MinIO answers with sorted lists, and drops an empty Sid; the order of statements has no meaning in IAM.
    """
    statements = document.get("Statement") or []
    if isinstance(statements, Mapping):
        statements = [statements]
    return {
        "Version": document.get("Version", "2012-10-17"),
        "Statement": sorted(
            (_statement(each) for each in statements), key=lambda each: json.dumps(each, sort_keys=True)
        ),
    }


def _statement(statement: Mapping[str, JSON]) -> dict[str, JSON]:
    told = {key: value for key, value in statement.items() if value not in (None, "", {}, [])}
    for key in _LISTS:
        if key in told:
            told[key] = _as_list(told[key])
    if "Condition" in told:
        told["Condition"] = {
            operator: {key: _as_list(values) for key, values in conditions.items()}
            for operator, conditions in told["Condition"].items()
        }
    return told


def _as_list(values: JSON) -> list[str]:
    return sorted({str(value) for value in ([values] if isinstance(values, (str, int, bool)) else values)})
