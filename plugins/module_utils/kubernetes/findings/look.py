"""A whole set looked at: every described object, what lies beside it, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.anew import predict_anew
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.difference import differences
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.explain import explained
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.manifest_set import (
    PlannedSet,
    SetCall,
    SetOptions,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction, predict_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result, SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.parallel import for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.described import described_findings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import Finding, State
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.foreign import foreign_findings
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.strangers import (
    Place,
    places,
    strangers_at,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory import identity
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.inventory_plan import InventoryPlan
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.prune import owner_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any


@dataclass(frozen=True)
class Scope:
    """What beside the described objects is looked at.

    shared: namespaces in which others keep objects of their own. passed_over: kinds that nobody is asked for.
    """

    shared: frozenset[str] = frozenset()
    passed_over: frozenset[str] = frozenset()


def plan_look(cluster: Cluster, documents: str, options: SetOptions, scope: Scope) -> PlannedSet:
    """Looks at the objects in `documents` (see objects.parse) and writes nothing.

    Raises SetFailed with every row where some could not be looked at.
    """
    look = Look(SetCall(cluster, documents, looking(options)), scope)
    predictions, rows = look.described()
    others, more = look.undescribed()
    rows += more
    failed = [row for row in rows if row.action is Action.FAILED]
    if failed:
        stories = " ".join(row.error for row in failed)
        raise SetFailed(f"{len(failed)} of {len(rows)} objects could not be looked at", rows, why=stories)
    shown = differences([*predictions, *others], look.call.mask) if options.diff else []
    is_drift = any(row.findings for row in rows)
    return PlannedSet(rows, is_drift, shown, lambda: rows)


def looking(options: SetOptions) -> SetOptions:
    """The options of a look: with the dry runs forced, a field in another hand is a difference and no conflict."""
    return replace(options, check=True, partly=True, how=replace(options.how, force=("*",)))


class Look:
    """One call's look at its set."""

    def __init__(self, call: SetCall, scope: Scope) -> None:
        self.call, self.scope = call, scope
        self.ours = call.options.how.field_manager

    def described(self) -> tuple[list[Prediction], list[Result]]:
        """The prediction and the row of each described object that could be looked at; a row of the others."""
        call = self.call
        # Not seen by the generator, data that outlived its Secret does not stop the look: the Secret is the finding.
        manifests = call.manifests(lambda each: call.seen.live.get(each) if each.kind == "Secret" else None)
        anew = predict_anew(manifests, call.leaving)
        present = [manifest for manifest in manifests if manifest.reference not in anew]
        outcomes = predict_each(
            call.cluster,
            call.resources,
            present,
            call.there,
            call.options.how,
            threads=call.options.threads,
            try_creates=False,
        )
        predictions = [*anew.values(), *(each.value for each in outcomes if each.value is not None)]
        looked = for_each(self._row, predictions, call.options.threads)
        rows = [each.value for each in looked if each.value is not None]
        errors = [(each.item.reference, each.error) for each in looked if each.error is not None]
        errors += [(each.item.reference, each.error) for each in outcomes if each.error is not None]
        errors += list(call.seen.unread.items())
        return predictions, rows + [self._failed(reference, error) for reference, error in errors]

    def undescribed(self) -> tuple[list[Prediction], list[Result]]:
        """What the inventory holds and nobody describes any more, and what nobody of us made."""
        plan = self.call.inventory_plan()
        if plan is None:
            return [], []
        rows = [*self._record(plan), *(self._leftover(each) for each in plan.others)]
        known = frozenset(identity(reference) for reference in self.call.seen.described)
        around = [
            place
            for place in places(self.call.seen.described, self.call.resources, self.scope.shared)
            if place[0].kind not in self.scope.passed_over
        ]
        looked = for_each(
            lambda place: strangers_at(self.call.cluster, place, known, self.ours), around, self.call.options.threads
        )
        for each in looked:
            rows += each.value or []
            if each.error is not None:
                rows.append(self._failed(_everything(each.item), each.error))
        return list(plan.others), rows

    def _row(self, prediction: Prediction) -> Result:
        call = self.call
        findings = described_findings(prediction, call.mask, self.ours)
        if prediction.live is not None:
            manifest = prediction.manifest
            findings += foreign_findings(call.cluster, call.resources, manifest, prediction.live, call.mask, self.ours)
        return Result(
            prediction.reference, prediction.action, prediction.changes, reason=prediction.reason, findings=findings
        )

    def _record(self, plan: InventoryPlan) -> list[Result]:
        """The inventory itself: there, and naming every object of the set that is."""
        reference = plan.record.name.reference
        if plan.record.live is None:
            return [Result(reference, Action.CREATED, findings=[Finding(State.MISSING)])]
        lost = [
            Finding(State.MISSING, "data.objects", "/data/objects", expected=str(each))
            for each, live in self.call.seen.described.items()
            if live is not None and not plan.record.held.holds(each) and _is_claimed(live, plan)
        ]
        return [Result(reference, Action.CHANGED if lost else Action.UNCHANGED, findings=lost)]

    def _leftover(self, prediction: Prediction) -> Result:
        findings = [Finding(State.EXTRA)] if prediction.action.writes else []
        return Result(prediction.reference, prediction.action, reason=prediction.reason, findings=findings)

    def _failed(self, reference: Reference, error: TrackingError) -> Result:
        return Result(reference, Action.FAILED, error=explained(reference, error, self.call.mask), findings=[])


def _is_claimed(live: Mapping[str, JSON], plan: InventoryPlan) -> bool:
    return owner_of(live) == str(plan.record.name)


def _everything(place: Place) -> Reference:
    resource, namespace = place
    return Reference(resource.api_version, resource.kind, namespace, "*")
