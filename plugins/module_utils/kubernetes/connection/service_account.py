"""The access a pod has to its own cluster: its service account's token, which is renewed in its file."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Access

_FOLDER = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_SECONDS_UNTIL_READ_AGAIN = 60.0


def is_in_cluster() -> bool:
    """Whether this process runs in a pod."""
    return "KUBERNETES_SERVICE_HOST" in os.environ


def access_by_service_account() -> Access:
    """The access of this pod. Raises InvalidInput where no token is mounted."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    token = _Token()
    try:
        token.read()
        authority = (_FOLDER / "ca.crt").read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            "kubernetes_kubeconfig",
            f"it is not set, and this pod's service account cannot be used ({error})",
            "Set kubernetes_kubeconfig, or let the pod mount its service account's token",
        ) from None
    return Access(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        source="this pod's service account",
        authority=authority,
        inside=True,
        authorization=token.read,
    )


class _Token:
    def __init__(self) -> None:
        self._header = ""
        self._read_at = float("-inf")

    def read(self) -> str:
        """The header of now."""
        if time.monotonic() - self._read_at > _SECONDS_UNTIL_READ_AGAIN:
            self._header = f"Bearer {(_FOLDER / 'token').read_text(encoding='utf-8').strip()}"
            self._read_at = time.monotonic()
        return self._header
