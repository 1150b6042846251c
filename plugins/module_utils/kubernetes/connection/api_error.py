"""What an API server's refusal is in Python: its status and reason as data, its story as one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError

JSON = Any

_MENDS = {
    401: "Renew the credentials in the kubeconfig (variable kubernetes_kubeconfig) of this context "
    "(variable kubernetes_context)",
    403: "Give this user that permission, or name a context that has it in variable kubernetes_context",
}

# How the API server answers an object that is not of its kind's shape: with status 500 (apiserver, handlers/patch.go).
_MISSHAPEN = re.compile(
    r"failed to create typed patch object \([^)]*\): (?P<field>.*)|"
    r"failed to convert new object \([^)]*\) to proper version: "
    r"(?:unable to convert unstructured object to [^:]*: )?(?P<value>.*)",
    re.DOTALL,
)
_GO_VALUE = re.compile(r"&(?:value\.valueUnstructured)?\{(?:Value:)?(.*?)\}")


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
    def misshapen(self) -> str:
        """What is wrong with the object that was sent, where that is why it failed; such an object never passes."""
        match = _MISSHAPEN.match(self.message) if self.status == 500 else None
        return _GO_VALUE.sub(r"\1", match["field"] or match["value"]) if match else ""

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
