"""What is on the cluster now, for a set of references: one LIST for many of a kind, a GET for a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result, SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.listing import PAGE, pages
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.parallel import for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import (
    Resource,
    Resources,
    UnknownKind,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any

_FEWEST_FOR_A_LIST = 4
# A namespace may hold far more objects of a kind than are asked for: then a GET for each is less work.
_LONGEST_LIST = 10


@dataclass(frozen=True)
class _Question:
    resource: Resource
    namespace: str
    references: tuple[Reference, ...]


def read_live(
    cluster: Cluster, resources: Resources, references: Sequence[Reference], threads: int
) -> dict[Reference, JSON]:
    """The live objects of those references that exist. Kinds the cluster does not know have none.

    Raises the first failure, with every object's row.
    """
    live, errors = read_each(cluster, resources, references, threads)
    if errors:
        raise unreadable(references, errors)
    return live


def read_each(
    cluster: Cluster, resources: Resources, references: Sequence[Reference], threads: int
) -> tuple[dict[Reference, JSON], dict[Reference, TrackingError]]:
    """The live objects of those references that exist, and what stood in the way of those that could not be read."""
    outcomes = for_each(lambda question: _ask(cluster, question), _questions(resources, references), threads)
    errors = {
        reference: outcome.error for outcome in outcomes for reference in outcome.item.references if outcome.error
    }
    live: dict[Reference, JSON] = {}
    for outcome in outcomes:
        live.update(outcome.value or {})
    return live, errors


def unreadable(references: Sequence[Reference], errors: Mapping[Reference, TrackingError]) -> TrackingError:
    """The first of the errors, with every object's row."""
    first = next(iter(errors.values()))
    rows = [
        Result.of_failure(each, errors[each], str(errors[each])) if each in errors else Result(each, Action.NOT_TRIED)
        for each in references
    ]
    first.result = SetFailed("", rows, why="").result
    return first


def _questions(resources: Resources, references: Sequence[Reference]) -> list[_Question]:
    groups: dict[tuple[Resource, str], list[Reference]] = {}
    for reference in references:
        try:
            resource = resources.find(reference.api_version, reference.kind)
        except UnknownKind:
            continue
        groups.setdefault((resource, reference.namespace), []).append(reference)
    questions = []
    for (resource, namespace), members in groups.items():
        if len(members) >= _FEWEST_FOR_A_LIST:
            questions.append(_Question(resource, namespace, tuple(members)))
        else:
            questions += [_Question(resource, namespace, (member,)) for member in members]
    return questions


def _ask(cluster: Cluster, question: _Question) -> dict[Reference, JSON]:
    if len(question.references) == 1:
        return _get(cluster, question.resource, question.references[0])
    wanted = set(question.references)
    try:
        found = _list(cluster, question, wanted)
    except ApiError as error:
        if error.status not in (403, 404, 405):
            raise
        found = None  # not allowed to list, or a kind of a CRD that is still to be made
    if found is not None:
        return found
    live: dict[Reference, JSON] = {}
    for reference in question.references:
        live.update(_get(cluster, question.resource, reference))
    return live


def _get(cluster: Cluster, resource: Resource, reference: Reference) -> dict[Reference, JSON]:
    found = cluster.get(resource.path(reference))
    return {} if found is None else {reference: found}


def _list(cluster: Cluster, question: _Question, wanted: set[Reference]) -> dict[Reference, JSON] | None:
    """The wanted objects out of a LIST; None when the collection is too long to be read for them."""
    live: dict[Reference, JSON] = {}
    query = {"limit": max(PAGE, len(wanted))}
    for items, page in pages(cluster, question.resource, question.namespace, query):
        live |= {reference: item for item in items if (reference := Reference.of(item)) in wanted}
        if len(live) == len(wanted):
            break
        if page.get("continue") and (page.get("remainingItemCount") or 0) > _LONGEST_LIST * len(wanted):
            return None
    return live
