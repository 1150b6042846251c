"""Waiting for what is not ready at once: by watches, and with the story of what fails or takes too long."""

from __future__ import annotations

import contextlib

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.parallel import for_each
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness, failed
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pods import WORKLOADS
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.readiness_watch import (
    Bodies,
    Means,
    ReadinessWatch,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.story import Storyteller
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.watching.watches import Watching


def await_ready(means: Means, bodies: Bodies, deadline: float, seconds: float) -> dict[Reference, Readiness]:
    """As Waiting.until_ready. deadline: on the clock of time.monotonic; seconds: what people are told of it."""
    with Watching(means.cluster, means.threads) as watching:
        watch = ReadinessWatch(means, watching, bodies)
        watch.keep_up(deadline)
        if not watch.is_over:
            with contextlib.suppress(TrackingError):
                watch.look_once_more()
    return {**watch.verdicts, **_failures(means, watch, f"not ready within {seconds:.0f} s")}


def _failures(means: Means, watch: ReadinessWatch, late: str) -> dict[Reference, Readiness]:
    """Those that failed or were too slow, with all that can be found out about them."""
    pending = [] if watch.is_over else watch.pending
    refused = [each for each, verdict in watch.verdicts.items() if verdict.done and not verdict.successful]
    untold = [each for each in refused if each not in watch.diagnosed and each.kind in WORKLOADS]
    storyteller = Storyteller(means.cluster, means.mask)
    outcomes = for_each(lambda each: storyteller.story(watch.latest[each]), pending + untold, means.threads)
    stories = {outcome.item: f". {outcome.value}" if outcome.value else "" for outcome in outcomes}
    told = {each: failed(f"{watch.verdicts[each].message}{stories[each]}") for each in untold}
    return told | {each: failed(f"{late}: {watch.verdicts[each].message}{stories[each]}") for each in pending}
