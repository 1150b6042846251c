"""Which objects a set has made: exact references with their uids, as text for people and programs.

Pure data. One line an object, sorted: `apps/v1 Deployment monitoring/mlflow 5e1f...`. A line without a uid is an
object that was about to be made. Versions of one API group are one: v1beta1 and v1 of an object are the same object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any
Identity = tuple[str, str, str, str]

ANNOTATION = "tracking.mlops/inventory"
LARGEST = 2**20  # bytes of a ConfigMap's data
_LENGTH_OF_UID = 36
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


@dataclass(frozen=True)
class InventoryName:
    """Where an inventory lies: the ConfigMap `name` in `namespace`."""

    namespace: str
    name: str

    @classmethod
    def parse(cls, text: str) -> InventoryName:
        """From `namespace/name`. Raises InvalidInput."""
        namespace, _slash, name = text.partition("/")
        if not _NAMESPACE.fullmatch(namespace) or not _NAME.fullmatch(name):
            raise InvalidInput(
                "inventory", f"{text!r} is not a namespace and the name of a ConfigMap", "Write it as namespace/name"
            )
        return cls(namespace, name)

    @property
    def reference(self) -> Reference:
        return Reference("v1", "ConfigMap", self.namespace, self.name)

    @property
    def home(self) -> Reference:
        """The namespace it lies in."""
        return Reference("v1", "Namespace", "", self.namespace)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def identity(reference: Reference) -> Identity:
    """What stays the same when an object is described in another version of its API group."""
    return (reference.group, reference.kind, reference.namespace, reference.name)


@dataclass(frozen=True)
class Entry:
    """One object. uid: empty for one that was about to be made."""

    reference: Reference
    uid: str = ""

    def __str__(self) -> str:
        reference = self.reference
        place = f"{reference.namespace}/{reference.name}" if reference.namespace else reference.name
        return f"{reference.api_version} {reference.kind} {place} {self.uid}".rstrip()


@dataclass(frozen=True)
class Inventory:
    """The objects of one set."""

    entries: Mapping[Identity, Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Inventory:
        """Of one object's entries the last counts."""
        return cls({identity(entry.reference): entry for entry in entries})

    @classmethod
    def parse(cls, text: str) -> Inventory:
        """From the text of an inventory. Raises ValueError naming the line that is none."""
        return cls.of(_entry(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip())

    @cached_property
    def text(self) -> str:
        return "".join(f"{entry}\n" for entry in self)

    @property
    def largest_size(self) -> int:
        """Bytes of the text once every object has its uid."""
        missing = sum(_LENGTH_OF_UID + 1 for entry in self if not entry.uid)
        return len(self.text.encode()) + missing

    def holds(self, reference: Reference) -> bool:
        return identity(reference) in self.entries

    def joined(self, others: Iterable[Entry]) -> Inventory:
        """Both; where an object is in both, as the others have it."""
        return Inventory({**self.entries, **Inventory.of(others).entries})

    def only(self, condition: Callable[[Entry], bool]) -> Inventory:
        """Those entries for which the condition holds."""
        return Inventory({key: entry for key, entry in self.entries.items() if condition(entry)})

    def __iter__(self) -> Iterator[Entry]:
        """Sorted as a person looks for them: by namespace and kind."""
        return iter(sorted(self.entries.values(), key=_order))

    def __len__(self) -> int:
        return len(self.entries)


def _order(entry: Entry) -> tuple[str, str, str, str]:
    reference = entry.reference
    return (reference.namespace, reference.kind, reference.name, reference.group)


def _entry(number: int, line: str) -> Entry:
    parts = line.split(" ")
    if len(parts) not in (3, 4) or not all(parts):
        raise ValueError(f"line {number} is not 'apiVersion kind namespace/name uid'")
    api_version, kind, place, *uid = parts
    namespace, _slash, name = place.rpartition("/")
    return Entry(Reference(api_version, kind, namespace, name), *uid)
