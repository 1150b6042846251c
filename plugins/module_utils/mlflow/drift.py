"""What of a running MLflow can differ from its description: the revision of its schema, and where artifacts go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.http_pool import (
    open_http_pool,
    why_unanswered,
)
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location, locate

JSON = Any

_REVISION = re.compile(r'^mlflow_schema_(wanted_)?info\{revision="(\w+)"\} 1', re.M)
_SECONDS = 10.0


@dataclass(frozen=True)
class Revisions:
    """The revision that the image wants and the one its SQLite database has; empty where nobody says."""

    wanted: str = ""
    present: str = ""


def revisions(url: str) -> Revisions:
    """As the exporter beside the server says. Raises TrackingError."""
    import urllib3

    pool = open_http_pool(url, repeatable={"GET"}, redirects=0, timeout=_SECONDS)
    try:
        answer = pool.request("GET", f"{url.rstrip('/')}/metrics")
    except urllib3.exceptions.HTTPError as error:
        raise TrackingError(
            "The exporter beside MLflow does not answer", where=url, why=why_unanswered(error), mend="Look at its log"
        ) from None
    finally:
        pool.clear()
    return read_revisions(answer.data.decode("utf-8", "replace"))


def read_revisions(metrics: str) -> Revisions:
    """The same of the exporter's text."""
    found = {match[1] or "": match[2] for match in _REVISION.finditer(metrics)}
    return Revisions(found.get("wanted_", ""), found.get("", ""))


def artifact_root(uri: str, destination: Location) -> str:
    """Where the artifacts of the default experiment go: the described place, or what it is instead."""
    try:
        place = locate(uri, destination)
    except TrackingError:
        return uri
    is_below = place.bucket == destination.bucket and f"{place.key}/".startswith(f"{destination.key}/")
    return str(destination) if is_below else uri
