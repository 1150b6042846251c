"""A write that leaves nothing behind: made, read back and removed again."""

from __future__ import annotations

import contextlib
import secrets

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import MlflowError, Transport


def write_and_take_back(transport: Transport) -> None:
    """A registered model with a tag: deleting it removes its rows, where a run's would only be marked as deleted."""
    name = f"mlops-tracking-proof-{secrets.token_hex(6)}"
    transport.post("registered-models/create", {"name": name, "tags": [{"key": "proof", "value": "taken back"}]})
    try:
        said = transport.get("registered-models/get", name=name)["registered_model"]
        tags = {tag["key"]: tag["value"] for tag in said.get("tags") or []}
        if tags != {"proof": "taken back"}:
            raise TrackingError("MLflow does not give back what was written", why=f"the tags are {tags}")
    finally:
        transport.send("DELETE", "registered-models/delete", {"name": name})
    with contextlib.suppress(MlflowError):
        transport.get("registered-models/get", name=name)
        raise TrackingError("MLflow does not take back what was written", why=f"registered model {name} is still there")
