"""A role's whole set of objects in one call: read, predict, and the one function that makes it so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply import Application
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.delete import Deletion, predict_absent
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.difference import differences
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.generated import copy_source, resolve
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.live import read_live
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects import (
    Manifest,
    check_namespaces,
    parse,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.predict import Prediction, predict
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.restarts import stamped
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.results import Outcome, Result, summary
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.wait import Waiting

JSON = Any


@dataclass(frozen=True)
class SetOptions:
    """How a set is made so. wait_seconds: 0 for not waiting. check: only a prediction is wanted."""

    how: Applying
    threads: int
    wait_seconds: float
    check: bool
    diff: bool


@dataclass(frozen=True)
class PlannedSet:
    """What would be done to each object, the difference it makes, and the function that does it."""

    rows: Sequence[Result]
    is_change: bool
    differences: Sequence[Mapping[str, str]]
    write: Callable[[], list[Result]]

    @property
    def outcome(self) -> Outcome:
        """What a module returns where nothing is written."""
        return Outcome(self.rows, summary(self.rows))

    def carry_out(self) -> Outcome:
        """Writes, and gives what a module returns."""
        rows = self.write()
        return Outcome(rows, summary(rows))


def plan_present(cluster: Cluster, documents: str, options: SetOptions) -> PlannedSet:
    """Plans to make the objects in `documents` (see objects.parse) so.

    A set that needs no write is waited for here, as reading is all it takes.
    """
    resources, mask = Resources(cluster), Mask()
    manifests, live = _read(cluster, resources, mask, documents, options)
    manifests = stamped(resolve(manifests, live.get, may_be_missing=options.check), check=options.check)
    mask.learn(manifest.body for manifest in manifests)
    predictions = predict(
        cluster, resources, manifests, live, options.how, threads=options.threads, try_creates=options.check, mask=mask
    )
    application = _application(cluster, resources, mask, options)
    is_change = any(prediction.action.writes for prediction in predictions)
    if not is_change and not options.check:
        rows = application.await_unchanged(predictions)
    else:
        rows = [Result(each.reference, each.action, each.changes) for each in predictions]
    return PlannedSet(
        rows,
        is_change,
        differences(predictions, mask) if options.diff else [],
        lambda: application.carry_out(predictions),
    )


def plan_absent(cluster: Cluster, documents: str, options: SetOptions, also_delete: frozenset[str]) -> PlannedSet:
    """Plans to delete the objects in `documents`. also_delete: kinds that hold data and are to go as well."""
    resources, mask = Resources(cluster), Mask()
    manifests, live = _read(cluster, resources, mask, documents, options)
    predictions: list[Prediction] = predict_absent(cluster, manifests, live, also_delete)
    deletion = Deletion(cluster, resources, mask, options.threads, options.wait_seconds)
    return PlannedSet(
        [Result(each.reference, each.action) for each in predictions],
        any(prediction.action.writes for prediction in predictions),
        differences(predictions, mask) if options.diff else [],
        lambda: deletion.carry_out(predictions),
    )


def _read(
    cluster: Cluster, resources: Resources, mask: Mask, documents: str, options: SetOptions
) -> tuple[list[Manifest], dict[Reference, JSON]]:
    manifests = parse(documents)
    resources.learn(manifest.body for manifest in manifests)
    check_namespaces(manifests, resources)
    wanted = {manifest.reference for manifest in manifests}
    sources = {source for manifest in manifests if (source := copy_source(manifest)) is not None}
    live = read_live(cluster, resources, sorted(wanted | sources), options.threads)
    mask.learn(live.values())
    return manifests, live


def _application(cluster: Cluster, resources: Resources, mask: Mask, options: SetOptions) -> Application:
    wait = Waiting(cluster, resources, mask, options.wait_seconds, options.threads) if options.wait_seconds else None
    first = wait or Waiting(cluster, resources, mask, _SECONDS_FOR_WHAT_OTHERS_NEED, options.threads)
    return Application(cluster, resources, mask, options.how, options.threads, wait, first)


_SECONDS_FOR_WHAT_OTHERS_NEED = 60.0
