"""What is watched: the objects of one kind in one namespace, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.listing import PAGE, pages
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resource, Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any


@dataclass(frozen=True)
class Subject:
    """The objects of a kind in a namespace (or of the cluster), narrowed by name, labels or fields.

    names: the only ones that count; empty for all. labels, fields: selectors as a query takes them.
    """

    resource: Resource
    namespace: str
    names: frozenset[str] = frozenset()
    labels: str = ""
    fields: str = ""

    @property
    def path(self) -> str:
        return self.resource.collection_path(self.namespace)

    @property
    def query(self) -> dict[str, Any]:
        """Selectors for LIST and WATCH. One name is a field selector: who may read only that object may watch it."""
        fields = f"metadata.name={next(iter(self.names))}" if len(self.names) == 1 else self.fields
        selectors = {"labelSelector": self.labels, "fieldSelector": fields}
        return {key: value for key, value in selectors.items() if value}

    def reference(self, name: str) -> Reference:
        return Reference(self.resource.api_version, self.resource.kind, self.namespace, name)

    def counts(self, body: Mapping[str, JSON]) -> bool:
        return not self.names or body["metadata"]["name"] in self.names


def subjects_of(resources: Resources, references: Iterable[Reference]) -> dict[Reference, Subject]:
    """One subject for all objects of a kind and namespace, for each of them. Raises UnknownKind."""
    groups: dict[tuple[str, str, str], list[Reference]] = {}
    for reference in references:
        groups.setdefault((reference.api_version, reference.kind, reference.namespace), []).append(reference)
    subjects: dict[Reference, Subject] = {}
    for (api_version, kind, namespace), members in groups.items():
        names = frozenset(member.name for member in members)
        subjects |= dict.fromkeys(members, Subject(resources.find(api_version, kind), namespace, names))
    return subjects


@dataclass(frozen=True)
class Snapshot:
    """The objects by name, and the version to watch from; empty where there was no LIST."""

    items: dict[str, JSON]
    version: str


def read(cluster: Cluster, subject: Subject, *, by_name: bool = False) -> Snapshot:
    """What is there now: by LIST, or by a GET for each name where a LIST is not allowed. Raises ApiError.

    by_name: a LIST was not allowed before.
    """
    if not by_name:
        try:
            return _list(cluster, subject)
        except ApiError as error:
            if error.status not in (403, 404, 405) or not subject.names:
                raise
    found = {name: cluster.get(subject.resource.path(subject.reference(name))) for name in sorted(subject.names)}
    return Snapshot({name: body for name, body in found.items() if body is not None}, "")


def _list(cluster: Cluster, subject: Subject) -> Snapshot:
    found: dict[str, JSON] = {}
    version = ""
    for items, page in pages(cluster, subject.resource, subject.namespace, {**subject.query, "limit": PAGE}):
        version = version or page["resourceVersion"]
        found |= {item["metadata"]["name"]: item for item in items if subject.counts(item)}
    return Snapshot(found, version)
