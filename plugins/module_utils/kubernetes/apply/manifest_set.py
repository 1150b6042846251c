"""A role's whole set of objects in one call: read, predict, and the one function that makes it so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.anew import (
    expected_gone,
    leaving_among,
    predict_anew,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.apply import Application
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.difference import differences
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import (
    Prediction,
    as_it_is,
    predict,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.restarts import stamped
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Outcome, Result, summary
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.rows import predicted
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.set_reading import read_set
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.unstable import warnings_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.leave import left_to_others
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore.rules import Rule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.delete import Deletion, predict_absent
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory_plan import (
    InventoryPlan,
    claimed,
    plan_inventory,
    refuse_empty,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory_run import (
    AbsentRun,
    PresentRun,
    ReadyRun,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference, named
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import Rule as ReadinessRule
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.generated import Find, resolve
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.wait import Waiting
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

JSON = Any


@dataclass(frozen=True)
class SetOptions:
    """How a set is made so. wait_seconds: 0 for not waiting. check: only a prediction is wanted.

    inventory: `namespace/name` of the ConfigMap that remembers the set, so that what is no longer described is deleted;
    empty for none. also_delete: kinds that hold data and are deleted nevertheless. prune: false leaves what is no
    longer described to a later call. expected_gone: objects that are deleted before, but for a prediction. partly: an
    object that cannot be read takes nothing from the rest.
    """

    how: Applying
    threads: int
    wait_seconds: float
    check: bool
    diff: bool
    progress: Progress = field(default_factory=Progress)
    inventory: str = ""
    also_delete: frozenset[str] = frozenset()
    prune: bool = True
    expected_gone: frozenset[str] = frozenset()
    partly: bool = False
    ignore: Sequence[Rule] = ()
    readiness: Sequence[ReadinessRule] = ()


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
        warnings = warnings_of(rows)
        return Outcome(rows, summary(rows), {"warnings": warnings} if warnings else {})


def plan_present(cluster: Cluster, documents: str, options: SetOptions) -> PlannedSet:
    """Plans to make the objects in `documents` (see objects.parse) so.

    A set that needs no write is waited for here, as reading is all it takes.
    """
    call = SetCall(cluster, documents, options)
    predictions = call.predictions()
    application = call.application()
    plan = call.inventory_plan()
    if plan is None:
        return call.planned(predictions, [], lambda: application.carry_out(predictions), application.await_unchanged)
    wanted = plan.predicted(predictions)
    record = plan.row(wanted)
    plan.record.check_size(plan.union(predictions))
    if options.check and not _makes_home(plan, predictions):
        plan.record.write(wanted, dry_run=True)
    run = PresentRun(plan, application, call.deletion())
    more = [*plan.others, record]
    return call.planned(predictions, more, lambda: run.carry_out(predictions, record), application.await_unchanged)


def plan_ready(cluster: Cluster, documents: str, options: SetOptions) -> PlannedSet:
    """Plans to wait for the objects in `documents`, which an earlier call applied, and then to prune.

    In check mode that call may be still to come, so what is not there yet is not missed.
    """
    call = SetCall(cluster, documents, options)
    seen = call.seen
    missing = [reference for reference, live in seen.described.items() if live is None]
    if missing and not options.check:
        raise TrackingError(
            f"{named(missing)} {'is' if len(missing) == 1 else 'are'} not there",
            why="state: ready waits for a set that was applied before, and applies nothing",
            mend="Apply the set first, with state: present",
        )
    predictions = [as_it_is(manifest, seen.live.get(manifest.reference)) for manifest in seen.manifests]
    application = replace(call.application(), leaving={})
    plan = call.inventory_plan()
    if plan is None:
        return call.planned(predictions, [], list, application.await_unchanged)
    refuse_empty(plan.record, seen.manifests)
    wanted = plan.settled(predictions)
    record = plan.row(wanted)
    if options.check:
        plan.record.write(wanted, dry_run=True)
    run = ReadyRun(plan, application, call.deletion())
    more = [*plan.others, record]
    return call.planned(predictions, more, lambda: run.carry_out(predictions, record), application.await_unchanged)


def plan_absent(cluster: Cluster, documents: str, options: SetOptions) -> PlannedSet:
    """Plans to delete the objects in `documents`, and those that the inventory holds."""
    call = SetCall(cluster, documents, options)
    seen = call.seen
    predictions = predict_absent(
        cluster, seen.manifests, seen.live, options.also_delete, options.inventory, options.how.field_manager
    )
    plan = call.inventory_plan()
    if plan is None:
        return call.planned(predictions, [], lambda: call.deletion().delete(predictions))
    plan = plan.of_absent(predictions, awaits=options.wait_seconds > 0)
    record = plan.row(plan.final([], {}))
    run = AbsentRun(plan, call.deletion())
    return call.planned(predictions, [*plan.others, record], lambda: run.carry_out(predictions, record))


def _makes_home(plan: InventoryPlan, predictions: Sequence[Prediction]) -> bool:
    """Whether the set makes the namespace of its inventory."""
    home = plan.record.name.home
    return any(each.reference == home and each.live is None for each in predictions)


class SetCall:
    """What planning a set needs, in both states of it."""

    def __init__(self, cluster: Cluster, documents: str, options: SetOptions) -> None:
        self.cluster, self.options = cluster, options
        self.resources, self.mask = Resources(cluster), cluster.mask
        self.seen = read_set(
            cluster,
            self.resources,
            self.mask,
            documents,
            inventory=options.inventory,
            field_manager=options.how.field_manager,
            threads=options.threads,
            partly=options.partly,
        )
        self.leaving = leaving_among(self.seen.described, self.seen.live)
        if options.check:
            self.leaving |= expected_gone(self.seen.live, options.expected_gone)

    def predictions(self) -> list[Prediction]:
        """What becomes of each described object. One that is being deleted is made anew."""
        options, there = self.options, self.there
        manifests = self.manifests(self.seen.live.get)
        anew = predict_anew(manifests, self.leaving)
        others = predict(
            self.cluster,
            self.resources,
            [manifest for manifest in manifests if manifest.reference not in anew],
            there,
            options.how,
            threads=options.threads,
            try_creates=options.check,
            mask=self.mask,
        )
        by_reference = anew | {each.reference: each for each in others}
        return [by_reference[manifest.reference] for manifest in manifests]

    @property
    def there(self) -> dict[Reference, JSON]:
        """The live objects but those that are being deleted."""
        return {each: body for each, body in self.seen.live.items() if each not in self.leaving}

    def manifests(self, find: Find) -> list[Manifest]:
        """The described objects as they are to be applied. find: where generated and copied values are looked for."""
        seen, options = self.seen, self.options
        manifests = list(seen.manifests)
        if seen.record is not None:
            refuse_empty(seen.record, manifests)
            manifests = claimed(manifests, self.there, seen.record.name)
        manifests = stamped(resolve(manifests, find, may_be_missing=options.check), check=options.check)
        manifests = left_to_others(manifests, self.there, options.ignore, options.how.field_manager)
        self.mask.learn(manifest.body for manifest in manifests)
        return manifests

    def inventory_plan(self) -> InventoryPlan | None:
        """What the inventory says of this run; None without one."""
        if self.seen.record is None:
            return None
        return plan_inventory(
            self.cluster,
            self.resources,
            self.seen.record,
            self.seen.described,
            self.options.also_delete,
            field_manager=self.options.how.field_manager,
            threads=self.options.threads,
            awaits=self.options.wait_seconds > 0,
            prunes=self.options.prune,
        )

    def application(self) -> Application:
        options = self.options
        first = self._waiting(options.wait_seconds or _SECONDS_FOR_WHAT_OTHERS_NEED)
        wait = first if options.wait_seconds else None
        return Application(
            self.cluster,
            self.resources,
            self.mask,
            options.how,
            options.threads,
            wait,
            first,
            options.progress,
            self.leaving,
            options.ignore,
        )

    def deletion(self) -> Deletion:
        options = self.options
        return Deletion(
            self.cluster, self.resources, self.mask, options.threads, options.wait_seconds, options.progress
        )

    def planned(
        self,
        predictions: Sequence[Prediction],
        others: Sequence[Prediction],
        write: Callable[[], list[Result]],
        await_unchanged: Callable[[Sequence[Prediction]], list[Result]] | None = None,
    ) -> PlannedSet:
        """The plan for described and other objects. Where nothing is to be written, readiness is waited for here."""
        everything = [*predictions, *others]
        is_change = any(each.action.writes for each in everything)
        rows = predicted(everything)
        if await_unchanged is not None and not is_change and not self.options.check:
            rows = [*await_unchanged(predictions), *predicted(others)]
        shown = differences(everything, self.mask) if self.options.diff else []
        return PlannedSet(rows, is_change, shown, write)

    def _waiting(self, seconds: float) -> Waiting:
        options = self.options
        return Waiting(
            self.cluster, self.resources, self.mask, seconds, options.threads, options.readiness, options.progress
        )


_SECONDS_FOR_WHAT_OTHERS_NEED = 60.0
