"""Which of the things that drift may be put right: of the kinds that somebody allowed, and none that holds data."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Report
from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.inventory.prune import HOLDS_DATA


def correctable(report: Report, kinds: Sequence[str]) -> list[str]:
    """The things that drift, by name. Raises InvalidInput for a kind that is never corrected.

    A thing nobody described is not deleted. One of which a rule ignores something is left as it is, for to put it right
    would undo what is ignored.
    """
    refused = sorted(HOLDS_DATA & set(kinds))
    if refused:
        raise InvalidInput(
            "drift_correct_kinds", f"{refused[0]} holds data and is never put right by itself", f"Take {refused[0]} out"
        )
    left = {each.finding.object for each in report.ignored}
    drifted = [name for name, state in report.drifted.items() if state != "extra" and name not in left]
    return [name for name in drifted if name.split()[0] in kinds]
