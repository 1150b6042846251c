"""Since when each trouble is seen, and whether it was there before: how long it is borne with depends on both.

What was wrong before a wait began may just have been mended, so it is believed later than what goes wrong
under our eyes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pod_state import Trouble

# A kubelet looks at a waiting container again within so many seconds.
_PATIENCE_WITH_OLD_STATES = 30.0
# Controllers and kubelets try anew what failed after two minutes at the latest.
_PATIENCE_WITH_OLD_EVENTS = 130.0

Key = tuple[str, str]  # the uid of the object in trouble, and the reason


@dataclass
class TroubleMemory:
    """One wait's memory."""

    _since: dict[Key, float] = field(default_factory=dict)
    _old: dict[Key, str] = field(default_factory=dict)

    def was_there(self, uid: str, reason: str, version: str = "") -> None:
        """Takes down what was wrong at the start. version: of its event; empty for a state."""
        self._old[uid, reason] = version

    def is_lasting(self, uid: str, trouble: Trouble) -> bool:
        """Whether a trouble that is seen now has lasted long enough to be a failure."""
        patience = trouble.patience
        if patience > 0 and self._old.get((uid, trouble.reason)) == trouble.version:
            patience = max(patience, _PATIENCE_WITH_OLD_EVENTS if trouble.version else _PATIENCE_WITH_OLD_STATES)
        now = time.monotonic()
        return now - self._since.setdefault((uid, trouble.reason), now) >= patience

    def doubt(self, uid: str, reason: str) -> None:
        """Starts its time anew: something else happened since."""
        self._since[uid, reason] = time.monotonic()
