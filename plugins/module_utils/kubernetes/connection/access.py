"""What a connection needs to know of an API server: where it is, whom to trust, who we are."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput

Headers = tuple[tuple[str, str], ...]


def _no_authorization() -> str | None:
    return None


@dataclass(frozen=True)
class Access:
    """Where an API server is and how to speak to it.

    server: `https://127.0.0.1:6443`, no trailing slash. source: the context and file, for messages.
    authority, certificate, key: PEM; without an authority, the system's are trusted. inside: this process runs in a
    pod of that cluster. authorization: the Authorization header of now, read again when it may have expired.
    asks: a program or identity provider was asked for it. impersonation: the headers that name another user to act as.
    """

    server: str
    source: str
    is_verified: bool = True
    authority: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)
    server_name: str = ""
    proxy: str = ""
    inside: bool = False
    authorization: Callable[[], str | None] = field(default=_no_authorization, repr=False)
    asks: bool = False
    impersonation: Headers = ()

    def headers(self) -> Headers:
        """The headers of now that say who asks. A name may come more than once."""
        authorization = self.authorization()
        return ((("Authorization", authorization),) if authorization else ()) + self.impersonation

    @property
    def pair(self) -> tuple[str, str]:
        """The client certificate and its key."""
        return (self.certificate, self.key)

    def tls(self) -> ssl.SSLContext | None:
        """One TLS context for all connections (making one for each costs more than a handshake); None for http."""
        if not self.server.startswith("https:"):
            return None
        context = ssl.create_default_context(cadata=self.authority or None)
        if not self.is_verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        # Authorities that clusters make for themselves often lack what strict checking wants.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if self.certificate:
            self._present(context)
        return context

    def _present(self, context: ssl.SSLContext) -> None:
        """Loads the client certificate, which Python only takes from a file; the file is gone when this returns."""
        handle, path = tempfile.mkstemp(prefix="mlops-tracking-")  # only we can read it
        try:
            with os.fdopen(handle, "w") as file:
                file.write(f"{self.certificate}\n{self.key}\n")
            context.load_cert_chain(path)
        except (OSError, ssl.SSLError) as error:
            raise InvalidInput(
                "kubernetes_kubeconfig",
                f"the client certificate of {self.source} cannot be used ({error.strerror or type(error).__name__})",
                "Renew the certificate in the kubeconfig",
            ) from None
        finally:
            with contextlib.suppress(OSError):
                os.unlink(path)
