"""What a set's predictions look like under --diff: one before and after for each object that changes, masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import as_text, comparable
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.predict import Prediction
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.generated import WHOLE
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask

JSON = Any


def differences(predictions: Iterable[Prediction], mask: Mask) -> list[dict[str, str]]:
    """In the form of Ansible's `diff`: `before`, `after` and their headers, for each object that is written."""
    return [
        {
            "before_header": str(prediction.reference) if prediction.live else f"{prediction.reference} (not there)",
            "after_header": str(prediction.reference) if prediction.after else f"{prediction.reference} (deleted)",
            "before": as_text(_shown(prediction.live, {}, mask)),
            "after": as_text(_shown(prediction.after, prediction.manifest.open_keys, mask)),
        }
        for prediction in predictions
        if prediction.action.writes
    ]


def _shown(body: Mapping[str, JSON] | None, open_keys: Mapping[str, str], mask: Mask) -> dict[str, JSON] | None:
    if body is None:
        return None
    shown = mask.masked(comparable(body))
    for key, origin in open_keys.items():
        if key == WHOLE:
            shown["data"] = f"({origin})"
        else:
            shown["data"][key] = f"({origin})"
    return shown
