"""What an apply would do to each object of a set, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import changed_paths, comparable
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.explain import explained, told_together
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.ownership import is_applied
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.request import Applying, send_apply
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result, SetFailed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.takeover import taken_over
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.parallel import Outcome, for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import (
    Resources,
    UnknownKind,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import entries
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.objects import Manifest
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask

JSON = Any


@dataclass(frozen=True)
class Prediction:
    """One object: what it is (None: not there), what it would be, and what has to be done for that.

    reason: why it is kept, or made anew, where that is not plain.
    """

    manifest: Manifest
    action: Action
    live: Mapping[str, JSON] | None
    after: Mapping[str, JSON] | None
    changes: list[str] = field(default_factory=list)
    reason: str = ""

    @property
    def reference(self) -> Reference:
        return self.manifest.reference


def as_it_is(manifest: Manifest, live: Mapping[str, JSON] | None) -> Prediction:
    """The prediction for an object that nothing is done to here."""
    reason = "" if live is not None else "an earlier call is to make it"
    return Prediction(manifest, Action.UNCHANGED, live, live, reason=reason)


def predict(
    cluster: Cluster,
    resources: Resources,
    manifests: Sequence[Manifest],
    live: Mapping[Reference, JSON],
    how: Applying,
    *,
    threads: int,
    try_creates: bool,
    mask: Mask,
) -> list[Prediction]:
    """The predictions in the manifests' order. `try_creates` lets the server look at what does not exist yet.

    Raises SetFailed, naming every object the server would refuse, before anything is written.
    """
    outcomes = predict_each(cluster, resources, manifests, live, how, threads=threads, try_creates=try_creates)
    failures = [outcome for outcome in outcomes if outcome.error is not None]
    if failures:
        raise _refused(failures, [outcome.value for outcome in outcomes if outcome.value is not None], live, mask)
    return [outcome.value for outcome in outcomes if outcome.value is not None]


def predict_each(
    cluster: Cluster,
    resources: Resources,
    manifests: Sequence[Manifest],
    live: Mapping[Reference, JSON],
    how: Applying,
    *,
    threads: int,
    try_creates: bool,
) -> list[Outcome[Manifest, Prediction]]:
    """Each manifest's prediction, or the error that stands in its way."""
    told = {each.reference: _told_by_what_is(each, live.get(each.reference), how) for each in manifests}

    def ask(manifest: Manifest) -> Prediction:
        seen = live.get(manifest.reference)
        if seen is None:
            _try_create(cluster, resources, manifest, how)
            return _created(manifest)
        return look_closely(cluster, resources, manifest, seen, how)

    def has_to_be_asked(manifest: Manifest) -> bool:
        prediction = told[manifest.reference]
        return prediction is None or (try_creates and prediction.live is None)

    asked = for_each(ask, [manifest for manifest in manifests if has_to_be_asked(manifest)], threads)
    answers = {outcome.item.reference: outcome for outcome in asked}
    return [answers.get(each.reference) or Outcome(each, told[each.reference], None, 0.0) for each in manifests]


def _told_by_what_is(manifest: Manifest, live: Mapping[str, JSON] | None, how: Applying) -> Prediction | None:
    """The prediction that needs no further request; None where only a dry run can tell."""
    if live is None:
        return _created(manifest)
    if "*" in manifest.open_keys:
        return Prediction(manifest, Action.CHANGED, live, manifest.body, ["data"])
    if is_applied(manifest.body, live, how.field_manager):
        return Prediction(manifest, Action.UNCHANGED, live, live)
    return None


def _created(manifest: Manifest) -> Prediction:
    return Prediction(manifest, Action.CREATED, None, manifest.body)


def look_closely(
    cluster: Cluster, resources: Resources, manifest: Manifest, live: Mapping[str, JSON], how: Applying
) -> Prediction:
    """The prediction for an object that is there, by a dry run."""
    resource = resources.find(manifest.reference.api_version, manifest.reference.kind)
    answer = send_apply(cluster, resource, manifest, how, dry_run=True)
    after = taken_over(answer, how.field_manager)
    before_state, after_state = comparable(live), comparable(after)
    changes = changed_paths(before_state, after_state)
    if not changes and _owners(live) != _owners(after):
        changes = ["metadata.managedFields"]  # the values stay, but this manager comes to own some of them
    return Prediction(manifest, Action.CHANGED if changes else Action.UNCHANGED, live, after, changes)


def _owners(body: Mapping[str, JSON]) -> list[JSON]:
    return sorted(
        ({key: value for key, value in entry.items() if key != "time"} for entry in entries(body)),
        key=lambda entry: (entry["manager"], entry["operation"], entry.get("subresource", ""), entry["apiVersion"]),
    )


def _try_create(cluster: Cluster, resources: Resources, manifest: Manifest, how: Applying) -> None:
    """Asks the server whether it would take the object; a namespace or CRD still to be made is no objection."""
    try:
        resource = resources.find(manifest.reference.api_version, manifest.reference.kind)
        send_apply(cluster, resource, manifest, how, dry_run=True)
    except UnknownKind:
        raise
    except ApiError as error:
        if error.status != 404:
            raise


def _refused(
    failures: Sequence[Outcome[Manifest, Prediction]],
    fine: Sequence[Prediction],
    live: Mapping[Reference, JSON],
    mask: Mask,
) -> SetFailed:
    failed = {}
    for outcome in failures:
        reference, error = outcome.item.reference, outcome.error
        if error is not None:
            story = explained(reference, error, mask, live.get(reference))
            failed[reference] = Result.of_failure(reference, error, story, seconds=outcome.seconds)
    rows = [*failed.values(), *(Result(prediction.reference, Action.NOT_TRIED) for prediction in fine)]
    count = f"{len(failures)} of {len(rows)} objects" if len(rows) > 1 else str(rows[0].reference)
    return SetFailed(
        f"{count} cannot be applied; nothing was written",
        rows,
        why=told_together(failed),
    )
