"""Moments as records on a cluster have them."""

from __future__ import annotations

import datetime


def moment(now: float) -> str:
    """Seconds since 1970 as ISO 8601."""
    return datetime.datetime.fromtimestamp(int(now), datetime.UTC).isoformat().replace("+00:00", "Z")
