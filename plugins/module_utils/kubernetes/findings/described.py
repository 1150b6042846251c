"""What is not as described of one object: missing, or with fields that an apply would change back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import (
    Difference,
    comparable,
    differing,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.finding import (
    Finding,
    State,
    pointer,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.hands import (
    holders,
    holders_of_whole,
    is_controller,
    is_held_by,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.states import state_of, value_at
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.field_paths import joined
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.generated import WHOLE, generated_keys
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask

JSON = Any


def described_findings(prediction: Prediction, mask: Mask, ours: str) -> list[Finding]:
    """Findings of a described object. What a controller holds, such as an autoscaler's replicas, is none."""
    live, after = prediction.live, prediction.after
    if live is None:
        return [Finding(State.MISSING)] if after is not None else []
    if after is None or not prediction.action.writes:
        return []
    if WHOLE in prediction.manifest.open_keys:
        return []  # a copy whose source is gone: that is the finding, in the source's own set
    found, expected = mask.masked(comparable(live)), mask.masked(comparable(after))
    for key, origin in prediction.manifest.open_keys.items():
        expected["data"][key] = f"({origin})"
    differences = [
        each for each in differing(comparable(live), comparable(after)) if not _is_a_controllers(each, live, ours)
    ]
    return [_finding(each, live, found, expected, ours) for each in differences] + [
        _finding(each, live, found, {"data": {each.after[-1]: "(as it was generated)"}}, ours)
        for each in _generated_by_others(prediction, live, ours)
        if each.after is not None
    ]


def _finding(difference: Difference, live: Mapping[str, JSON], found: JSON, expected: JSON, ours: str) -> Finding:
    held = _hands(difference, live, ours)
    return Finding(
        state_of(difference.before, difference.after),
        difference.path,
        pointer(difference.before or difference.after or ()),
        value_at(expected, difference.after),
        value_at(found, difference.before),
        str(held[0]["manager"]) if held else "",
        str(held[0].get("time") or "") if held else "",
    )


def _is_a_controllers(difference: Difference, live: Mapping[str, JSON], ours: str) -> bool:
    held = _hands(difference, live, ours)
    return bool(held) and is_controller(held[0])


def _hands(difference: Difference, live: Mapping[str, JSON], ours: str) -> list[Mapping[str, JSON]]:
    """Who holds what was found. What is gone has no holder, unless what it was a part of is held as a whole."""
    if difference.before is not None:
        return holders(live, difference.before, ours)
    return holders_of_whole(live, difference.parent, ours)


def _generated_by_others(prediction: Prediction, live: Mapping[str, JSON], ours: str) -> list[Difference]:
    """Values that were made once and that somebody has set since. What they were nobody knows any more."""
    data = live.get("data") or {}
    return [
        Difference(joined("data", key), ("data",), ("data", key), ("data", key))
        for key in generated_keys(prediction.manifest)
        if key in data and holders(live, ("data", key), ours) and not is_held_by(live, ("data", key), ours)
    ]
