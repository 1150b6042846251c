"""What an API server's refusal is in Python: its status and reason as data, its story as one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError

JSON = Any

_MENDS = {
    401: "Renew the credentials in the kubeconfig (variable kubernetes_kubeconfig) of this context "
    "(variable kubernetes_context)",
    403: "Give this user that permission, or name a context that has it in variable kubernetes_context",
}


class ApiError(TrackingError):
    """The API server answered, and it was no.

    status: the HTTP status. reason: Kubernetes' reason (`Conflict`, `AlreadyExists`, ...).
    details: the `details` of its Status object. retry_after: the seconds it asked to wait, if it did.
    """

    def __init__(
        self,
        *,
        status: int,
        reason: str,
        message: str,
        where: str,
        details: Mapping[str, JSON] | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.message = message
        self.details: Mapping[str, JSON] = details or {}
        self.retry_after = retry_after
        self.tries = 1
        super().__init__(
            f"The API server answered {status} {reason}".rstrip(),
            where=where,
            why=message,
            mend=_MENDS.get(status, ""),
            status=status,
            reason=reason,
        )

    @property
    def causes(self) -> list[Mapping[str, JSON]]:
        """The `causes` of its details: each with `reason`, `message` and `field`."""
        return list(self.details.get("causes") or [])


class Unreachable(TrackingError):
    """No answer came that an API server gives: nobody listens, the connection broke, the time was up, or it is damaged.

    in_handshake: it broke before anything was sent, and not over trust, as where a server is just starting.
    is_there: somebody listens at the address. retry_after: the seconds it asked to wait, if it did.
    """

    def __init__(
        self,
        why: str,
        *,
        where: str,
        what: str = "The Kubernetes API server cannot be reached",
        mend: str = "",
        in_handshake: bool = False,
        is_there: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.tries = 1
        self.in_handshake = in_handshake
        self.is_there = is_there
        self.retry_after = retry_after
        super().__init__(
            what,
            where=where,
            why=why,
            mend=mend
            or "Check that the cluster runs and that the variables kubernetes_kubeconfig and "
            "kubernetes_context name the right one",
        )

    def as_result(self) -> dict[str, Any]:
        return {**super().as_result(), "tries": self.tries}
