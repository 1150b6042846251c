"""The wire: one urllib3 pool of kept-alive connections to an API server."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.api_error import Unreachable

if TYPE_CHECKING:
    from urllib3 import PoolManager

    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Access

CONNECT_SECONDS = 5.0


def open_pool(access: Access, connections: int) -> PoolManager:
    """A thread-safe pool that keeps up to `connections` connections to the server open."""
    import urllib3

    options: dict[str, Any] = {"maxsize": connections, "retries": False, "num_pools": 4}
    tls = access.tls()
    if tls is not None:
        options["ssl_context"] = tls
        if access.server_name:
            options["server_hostname"] = access.server_name
            options["assert_hostname"] = access.server_name
    if not access.is_verified:
        options["assert_hostname"] = False
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    if access.proxy:
        return urllib3.ProxyManager(access.proxy, **options)
    return urllib3.PoolManager(**options)


def unreachable(error: Exception, server: str, seconds: float) -> Unreachable:
    """What urllib3 says of a request that got no answer. server: for messages; seconds: how long it was waited for."""
    in_handshake = _is_handshake(error)
    return Unreachable(
        _story(error, seconds), where=server, in_handshake=in_handshake, is_there=in_handshake or _broke_later(error)
    )


def _is_handshake(error: Exception) -> bool:
    import urllib3

    cause = error.args[0] if error.args else None
    return isinstance(error, urllib3.exceptions.SSLError) and not isinstance(cause, ssl.SSLCertVerificationError)


def _broke_later(error: Exception) -> bool:
    """Whether there was a connection, and it was cut."""
    import urllib3

    return isinstance(error, urllib3.exceptions.ProtocolError)


def _story(error: Exception, seconds: float) -> str:
    import urllib3

    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "its host name is unknown"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return str(error).rsplit(": ", 1)[-1]
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return f"it does not accept a connection within {min(CONNECT_SECONDS, seconds):g} s"
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return f"no answer within {seconds:g} s (option request_timeout)"
    if _is_handshake(error):
        return f"the TLS handshake broke ({error})"
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"its certificate is not trusted ({error})"
    return f"the connection broke ({type(error).__name__}: {error})"
